package main

import (
	"sync"

	"agentderby/kit/chat"
)

// sessions are all sessions of the process. Nothing is written down, so all of it goes with the process.
type sessions struct {
	// guarded sessions recover from panics of their turns.
	guarded bool

	mu     sync.Mutex
	byName map[string]*session
}

func newSessions(guarded bool) *sessions {
	return &sessions{guarded: guarded, byName: map[string]*session{}}
}

// RunTurn implements front.Agent. The listener hears the turn if it begins with this very request; who joins a running turn
// waits for its result.
func (s *sessions) RunTurn(name, id, input string, listener chat.Listener) (chat.Result, error) {
	reply := make(chan answer, 1)
	asked := ask{&turn{id: id, input: input, listener: listener, ended: make(chan struct{})}, reply}
	for {
		session := s.open(name)
		select {
		case session.asks <- asked:
			answered := <-reply
			if answered.err != nil {
				return chat.Result{}, answered.err
			}
			<-answered.turn.ended
			return answered.turn.result, answered.turn.err
		case <-session.dead:
			// It was never asked; another session has its name by now.
		}
	}
}

// ReadSession implements front.Agent.
func (s *sessions) ReadSession(name string) ([]chat.FinishedTurn, bool, error) {
	s.mu.Lock()
	session, known := s.byName[name]
	s.mu.Unlock()
	if !known {
		return nil, false, nil
	}
	finished := make(chan []chat.FinishedTurn, 1)
	select {
	case session.reads <- finished:
		return <-finished, true, nil
	case <-session.dead:
		return nil, false, nil
	}
}

// Ready implements front.Agent.
func (s *sessions) Ready() bool { return true }

// Close implements front.Agent.
func (s *sessions) Close() {}

// open finds the session or starts it. One that nobody knows is accepted and starts from nothing.
func (s *sessions) open(name string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, found := s.byName[name]
	if !found {
		known = newSession(name, s)
		s.byName[name] = known
		go known.run()
	}
	return known
}

// forget makes room for a new session of this name.
func (s *sessions) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byName, name)
}

// runChild runs a turn to whose tokens nobody listens.
func (s *sessions) runChild(name, turn, input string) (chat.Result, error) {
	return s.RunTurn(name, turn, input, nil)
}
