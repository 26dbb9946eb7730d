package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"runtime/debug"

	"agentderby/kit/chat"
	"agentderby/kit/front"
	"agentderby/kit/tools"
)

// A session is a goroutine with a mailbox. It alone touches what it knows, one message at a time; a turn runs in a goroutine
// of its own, so that the mailbox is read meanwhile, and reports when it has ended. The next turn waits for the one before.
type session struct {
	name     string
	sessions *sessions
	asks     chan ask
	reads    chan chan<- []chat.FinishedTurn
	endings  chan ending
	// dead is closed when the session's goroutine has ended.
	dead chan struct{}

	conversation []chat.Message
	turns        map[string]*turn
	finished     []chat.FinishedTurn
	// queue holds the turns that have not ended, in order; the first one runs.
	queue  []*turn
	memory tools.Memory
}

// A turn may be read by whoever waits for it once `ended` is closed.
type turn struct {
	id, input string
	listener  chat.Listener
	ended     chan struct{}
	result    chat.Result
	err       error
}

// An ask for a turn is answered with the turn to wait for: the one asked, or the one that was there before.
type ask struct {
	turn   *turn
	answer chan<- answer
}

type answer struct {
	turn *turn
	err  error
}

// An ending is what the goroutine of a turn reports.
type ending struct {
	result       chat.Result
	conversation []chat.Message
	err          error
	// fatal: the session ends with its turn.
	fatal bool
}

func newSession(name string, sessions *sessions) *session {
	return &session{
		name:     name,
		sessions: sessions,
		asks:     make(chan ask),
		reads:    make(chan chan<- []chat.FinishedTurn),
		endings:  make(chan ending),
		dead:     make(chan struct{}),
		turns:    map[string]*turn{},
	}
}

func (s *session) run() {
	for {
		select {
		case ask := <-s.asks:
			s.accept(ask)
		case reader := <-s.reads:
			reader <- s.finished
		case ended := <-s.endings:
			if ended.fatal {
				s.die(ended.err)
				return
			}
			s.end(ended)
		}
	}
}

func (s *session) accept(ask ask) {
	known, found := s.turns[ask.turn.id]
	switch {
	case !found:
		s.turns[ask.turn.id] = ask.turn
		s.queue = append(s.queue, ask.turn)
		ask.answer <- answer{turn: ask.turn}
		if len(s.queue) == 1 {
			s.startNext()
		}
	case known.input != ask.turn.input:
		message := fmt.Sprintf("turn %s was asked with another input", known.id)
		ask.answer <- answer{err: &front.Refused{Status: http.StatusConflict, Message: message}}
	default:
		ask.answer <- answer{turn: known}
	}
}

func (s *session) startNext() {
	if len(s.queue) > 0 {
		// The turn appends to a copy, so that one that breaks half-way leaves nothing behind.
		conversation := append([]chat.Message(nil), s.conversation...)
		go func(turn *turn) { s.endings <- s.play(turn, conversation) }(s.queue[0])
	}
}

// end keeps how the running turn ended. One that broke has no answer to keep: it is forgotten, so that the client may ask again.
func (s *session) end(ended ending) {
	turn := s.queue[0]
	s.queue = s.queue[1:]
	turn.result, turn.err, turn.listener = ended.result, ended.err, nil
	if ended.err == nil {
		s.conversation = ended.conversation
		s.finished = append(s.finished, chat.FinishedTurn{Turn: turn.id, Input: turn.input, Result: ended.result})
	} else {
		delete(s.turns, turn.id)
	}
	close(turn.ended)
	s.startNext()
}

func (s *session) die(reason error) {
	s.sessions.forget(s.name)
	close(s.dead)
	for _, turn := range s.queue {
		turn.err = reason
		close(turn.ended)
	}
}

var errBug = errors.New("crashed, as the script told")

// errLastBug is a bug that takes the whole session along.
var errLastBug = fmt.Errorf("%w, with its session", errBug)

// play runs one turn. The guard is the language's own: without it a panic ends the process.
func (s *session) play(turn *turn, conversation []chat.Message) (ended ending) {
	if s.sessions.guarded {
		defer func() {
			if bug := recover(); bug != nil {
				log.Printf("session %s, turn %s: panic: %v\n%s", s.name, turn.id, bug, debug.Stack())
				ended = ending{err: fmt.Errorf("panic: %v", bug), fatal: bug == errLastBug}
			}
		}()
	}
	conversation = append(conversation, chat.User(turn.input))
	agent := agent{
		caller:   tools.Caller{Memory: &s.memory, Spawn: tools.Spawn(s.name, s.sessions.runChild)},
		listener: turn.listener,
		die:      s.sessions.crash,
	}
	after, err := agent.answer(context.Background(), conversation)
	var failed *chat.Failure
	switch {
	case err == nil:
		output := after[len(after)-1].Text()
		return ending{result: chat.Result{Output: &output}, conversation: after}
	case errors.As(err, &failed):
		// What a failed turn leaves in the conversation is the input and nothing after it.
		return ending{result: chat.Result{Failed: failed}, conversation: conversation}
	default:
		return ending{err: err}
	}
}
