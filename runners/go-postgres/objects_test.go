package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// memoryStore is a database in memory that knows owners alone, as this process sees it.
type memoryStore struct {
	mu        sync.Mutex
	epoch     int
	elsewhere bool
	// failing makes the next commit fail.
	failing error
	// returns, where it is set, holds up whoever takes a session back.
	returns chan struct{}
}

func (m *memoryStore) setUp(context.Context) error                        { return nil }
func (m *memoryStore) ping(context.Context) error                         { return nil }
func (m *memoryStore) inherit(context.Context) ([]string, error)          { return nil, nil }
func (m *memoryStore) load(context.Context, string) ([]storedTurn, error) { return nil, nil }
func (m *memoryStore) own(_ context.Context, _ string) (epoch int, err error) {
	return m.next(false), nil
}

func (m *memoryStore) takeBack(context.Context, string) (epoch int, err error) {
	if m.returns != nil {
		<-m.returns
	}
	if m.elsewhere {
		return 0, errNotTakenBack
	}
	return m.next(false), nil
}

func (m *memoryStore) commit(_ context.Context, w write) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.failing
	m.failing = nil
	if err == nil && w.epoch != m.epoch {
		return errSuperseded
	}
	return err
}

func (m *memoryStore) next(elsewhere bool) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch++
	m.elsewhere = elsewhere
	return m.epoch
}

var errBroken = errors.New("connection lost")

// losing returns live sessions that have just lost session "a" to an error, in epoch 1. The model refuses everything, which ends
// a turn for good.
func losing(t *testing.T) (*objects, *memoryStore) {
	t.Helper()
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	t.Cleanup(model.Close)
	t.Setenv("MODEL_URL", model.URL)
	store := &memoryStore{failing: errBroken}
	objects := newObjects(store, false, time.Minute)
	if _, err := objects.RunTurn("a", "1", "hello", nil); !errors.Is(err, errBroken) {
		t.Fatalf("got %v, want %v", err, errBroken)
	}
	if waiting := objects.waiting(); len(waiting) != 1 {
		t.Fatalf("waiting to be loaded again: %v", waiting)
	}
	return objects, store
}

func answered(t *testing.T, objects *objects) {
	t.Helper()
	if result, err := objects.RunTurn("a", "1", "hello", nil); err != nil || result.Failed == nil {
		t.Errorf("got %v, %v", result, err)
	}
}

func TestASessionLostToAnErrorIsTakenBackUnaskedWhereNobodyHasOwnedItSince(t *testing.T) {
	objects, store := losing(t)
	<-objects.open("a", false).loaded
	if waiting := objects.waiting(); store.epoch != 2 || len(waiting) != 0 {
		t.Errorf("epoch %d, still waiting: %v", store.epoch, waiting)
	}
}

func TestASessionLostToAnErrorIsNotTakenFromAProcessThatHasOwnedItSinceButByWhoAsks(t *testing.T) {
	objects, store := losing(t)
	store.next(true)
	again := objects.open("a", false)
	<-again.left
	if waiting := objects.waiting(); !errors.Is(again.err, errNotTakenBack) || store.epoch != 2 || len(waiting) != 0 {
		t.Errorf("left by %v, epoch %d, still waiting: %v", again.err, store.epoch, waiting)
	}
	answered(t, objects)
	if store.epoch != 3 {
		t.Errorf("epoch %d after a client asked", store.epoch)
	}
}

func TestARequestThatMeetsAnAttemptToTakeASessionBackIsAnsweredAllTheSame(t *testing.T) {
	objects, store := losing(t)
	store.next(true)
	store.returns = make(chan struct{})
	objects.open("a", false)
	go close(store.returns)
	answered(t, objects)
}
