package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"agentderby/kit/chat"
	"agentderby/kit/front"
)

const (
	// parallelLoads is how many interrupted sessions are loaded at the same time; their turns then run at once.
	parallelLoads = 32
	// roundPause lies between two rounds of loading what was interrupted, and between two tries to reach the database.
	roundPause        = time.Second
	firstConnectPause = 100 * time.Millisecond
)

// sessionStore is what the live sessions need of the database; store is the one that there is.
type sessionStore interface {
	setUp(ctx context.Context) error
	ping(ctx context.Context) error
	own(ctx context.Context, session string) (epoch int, err error)
	takeBack(ctx context.Context, session string) (epoch int, err error)
	inherit(ctx context.Context) ([]string, error)
	load(ctx context.Context, session string) ([]storedTurn, error)
	commit(ctx context.Context, w write) error
}

// objects knows which sessions are live in this process: loaded at the first touch, let go when idle, loaded again when a turn
// was interrupted. At most one of a session is live here; across processes the epoch in the database sees to it. None is taken
// unasked from a process that has owned it since: it goes on there.
type objects struct {
	store sessionStore
	// guarded sessions recover from panics of their turns.
	guarded bool
	idle    time.Duration
	ready   atomic.Bool

	mu   sync.Mutex
	live map[string]*session
	// interrupted sessions have a turn that nobody works on.
	interrupted map[string]bool
}

func newObjects(store sessionStore, guarded bool, idle time.Duration) *objects {
	return &objects{store: store, guarded: guarded, idle: idle, live: map[string]*session{}, interrupted: map[string]bool{}}
}

// RunTurn implements front.Agent. The listener hears the turn if it begins with this very request; who joins a running turn
// waits for its result.
func (o *objects) RunTurn(id, turnID, input string, listener chat.Listener) (chat.Result, error) {
	if strings.ContainsRune(id+turnID, 0) {
		return chat.Result{}, &front.Refused{Status: http.StatusConflict, Message: "ids with U+0000 cannot be stored"}
	}
	reply := make(chan answer, 1)
	asked := ask{newTurn(turnID, input, listener), reply}
	for {
		session := o.open(id, true)
		select {
		case session.asks <- asked:
			answered := <-reply
			if answered.err != nil {
				return chat.Result{}, answered.err
			}
			<-answered.turn.ended
			return answered.turn.result, answered.turn.err
		case <-session.left:
			if session.err != nil && !errors.Is(session.err, errNotTakenBack) {
				return chat.Result{}, session.err
			}
			// It left because it was idle, or was not ours to load unasked. Asked for this turn, it is.
		}
	}
}

// ReadSession implements front.Agent. It reads in the database, not in the live session: a superseded owner must not tell an
// old story.
func (o *objects) ReadSession(id string) ([]chat.FinishedTurn, bool, error) {
	turns, err := o.store.load(context.Background(), id)
	if err != nil {
		message := fmt.Sprintf("the database does not answer: %v", err)
		return nil, false, &front.Refused{Status: http.StatusServiceUnavailable, Message: message}
	}
	var finished []chat.FinishedTurn
	for _, stored := range turns {
		if !stored.running {
			turn := openTurnFrom(stored)
			finished = append(finished, chat.FinishedTurn{Turn: turn.id, Input: turn.input, Result: turn.result(stored.failure)})
		}
	}
	return finished, len(turns) > 0, nil
}

// Ready implements front.Agent: turns are accepted from the moment the tables exist, while old ones resume.
func (o *objects) Ready() bool { return o.ready.Load() }

// Close implements front.Agent. Turns that nobody waits for are cut short; the journal knows them.
func (o *objects) Close() {}

func (o *objects) runChild(id, turn, input string) (chat.Result, error) {
	return o.RunTurn(id, turn, input, nil)
}

func (o *objects) open(id string, asked bool) *session {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, found := o.live[id]
	if !found {
		known = newSession(id, o, asked)
		o.live[id] = known
		go known.run()
	}
	return known
}

// takenUp: somebody works on the session's turns again.
func (o *objects) takenUp(session *session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	// It may have left again, with its turn unfinished.
	if o.live[session.id] == session {
		delete(o.interrupted, session.id)
	}
}

// leave makes room for the next live session of this id. One that left by an error may have a turn unfinished. Whether another
// process has owned it since, an error does not tell: that is found out when it is taken back.
func (o *objects) leave(left *session, reason error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.live, left.id)
	switch {
	case reason == nil:
		return
	case errors.Is(reason, errSuperseded):
		delete(o.interrupted, left.id)
	default:
		o.interrupted[left.id] = true
	}
	log.Printf("session %s left memory: %v", left.id, reason)
}

// resume loads sessions that were interrupted, without being asked: those that an earlier start of this process left, then those
// that an error ended.
func (o *objects) resume(ctx context.Context) {
	untilDone(firstConnectPause, func() error { return o.store.setUp(ctx) })
	o.ready.Store(true)
	untilDone(roundPause, func() error {
		ids, err := o.store.inherit(ctx)
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, id := range ids {
			o.interrupted[id] = true
		}
		return err
	})
	for ; ; time.Sleep(roundPause) {
		if waiting := o.waiting(); len(waiting) > 0 {
			log.Printf("sessions with an interrupted turn: %d", len(waiting))
			untilDone(roundPause, func() error { return o.store.ping(ctx) })
			o.loadAll(waiting)
		}
	}
}

func (o *objects) waiting() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ids []string
	for id := range o.interrupted {
		ids = append(ids, id)
	}
	return ids
}

// loadAll tries each once; those that fail wait for the next round.
func (o *objects) loadAll(ids []string) {
	places := make(chan struct{}, parallelLoads)
	for _, id := range ids {
		places <- struct{}{}
		go func(session *session) {
			select {
			case <-session.loaded:
				o.takenUp(session)
			case <-session.left:
			}
			<-places
		}(o.open(id, false))
	}
}

// untilDone tries until it works, with pauses that double up to a second.
func untilDone(pause time.Duration, work func() error) {
	for {
		err := work()
		if err == nil {
			return
		}
		log.Printf("the database does not answer: %v", err)
		time.Sleep(pause)
		if pause *= 2; pause > roundPause {
			pause = roundPause
		}
	}
}
