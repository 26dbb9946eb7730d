package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"runtime/debug"
	"time"

	"agentderby/kit/chat"
	"agentderby/kit/front"
	"agentderby/kit/tools"
)

// A session is a live one: a goroutine with a mailbox, and its conversation in memory. It alone touches what it knows, one message
// at a time; a turn runs in a goroutine of its own and reports when it has ended. Whatever goes wrong, this session leaves memory:
// the database knows how it stands, and the next one reads it there.
type session struct {
	id      string
	objects *objects
	// asked sessions are taken from whoever owns them. Unasked, one is loaded only if nobody has owned it since we did.
	asked   bool
	asks    chan ask
	endings chan ending
	// loaded is closed when turns are accepted.
	loaded chan struct{}
	// left is closed when the session has left memory; err then says why, nil because it was idle.
	left chan struct{}
	err  error
	// ctx ends with the session: its requests to model and tools end too.
	ctx context.Context
	end context.CancelFunc

	epoch        int
	lastSeq      int
	conversation []chat.Message
	turns        map[string]*turn
	// queue holds the turns that have not ended, in order; the first one runs.
	queue  []*turn
	memory tools.Memory
	// eventAt is when something happened last.
	eventAt time.Time
}

// A turn may be read by whoever waits for it once `ended` is closed.
type turn struct {
	id, input string
	listener  chat.Listener
	ended     chan struct{}
	result    chat.Result
	err       error
	// seq is its place in the session, from 1.
	seq int
	// resumed is what an interrupted turn did so far, accepted in an earlier epoch. Nil for a new one.
	resumed    *openTurn
	acceptedIn int
}

func newTurn(id, input string, listener chat.Listener) *turn {
	return &turn{id: id, input: input, listener: listener, ended: make(chan struct{})}
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

// An ending is what the goroutine of a turn reports. With an error nobody knows how the turn stands.
type ending struct {
	result   chat.Result
	messages []chat.Message
	err      error
}

func newSession(id string, objects *objects, asked bool) *session {
	ctx, end := context.WithCancel(context.Background())
	return &session{
		id:      id,
		objects: objects,
		asked:   asked,
		asks:    make(chan ask),
		endings: make(chan ending, 1),
		loaded:  make(chan struct{}),
		left:    make(chan struct{}),
		ctx:     ctx,
		end:     end,
		turns:   map[string]*turn{},
		eventAt: time.Now(),
	}
}

func (s *session) run() {
	s.leave(s.live())
}

// live returns why the session leaves memory; nil because it was idle.
func (s *session) live() error {
	if err := s.load(); err != nil {
		return err
	}
	s.objects.takenUp(s)
	close(s.loaded)
	s.startNext()
	idle := time.NewTimer(s.objects.idle)
	defer idle.Stop()
	for {
		select {
		case ask := <-s.asks:
			s.accept(ask)
		case ended := <-s.endings:
			if ended.err != nil {
				return ended.err
			}
			s.finish(ended)
		case <-idle.C:
			// What hold_memory holds is nowhere else.
			left := s.objects.idle - time.Since(s.eventAt)
			if left <= 0 && len(s.queue) == 0 && !s.memory.Held() {
				return nil
			}
			if left <= 0 {
				left = s.objects.idle
			}
			idle.Reset(left)
			continue
		}
		s.eventAt = time.Now()
	}
}

func (s *session) leave(reason error) {
	s.objects.leave(s, reason)
	s.err = reason
	s.end()
	close(s.left)
	for _, turn := range s.queue {
		turn.err = reason
		close(turn.ended)
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
		message := fmt.Sprintf("turn %s has another input", known.id)
		ask.answer <- answer{err: &front.Refused{Status: http.StatusConflict, Message: message}}
	default:
		ask.answer <- answer{turn: known}
	}
}

func (s *session) startNext() {
	if len(s.queue) == 0 {
		return
	}
	turn := s.queue[0]
	if turn.resumed == nil {
		s.lastSeq++
		turn.seq = s.lastSeq
	}
	// While the turn runs nobody else touches the conversation.
	go func() { s.endings <- s.play(turn) }()
}

func (s *session) finish(ended ending) {
	turn := s.queue[0]
	s.queue = s.queue[1:]
	s.conversation = append(s.conversation, ended.messages...)
	turn.result, turn.listener, turn.resumed = ended.result, nil, nil
	close(turn.ended)
	s.startNext()
}

// load owns the session, then reads it. The hook dies if it was told to, holds what was held, remembers what is finished, and
// takes up what is not.
func (s *session) load() (err error) {
	defer s.guard(&err)
	own := s.objects.store.takeBack
	if s.asked {
		own = s.objects.store.own
	}
	if s.epoch, err = own(s.ctx, s.id); err != nil || s.epoch == 1 {
		return err
	}
	stored, err := s.objects.store.load(s.ctx, s.id)
	if err != nil {
		return err
	}
	if err := s.wake(stored); err != nil {
		return err
	}
	for _, one := range stored {
		open := openTurnFrom(one)
		s.lastSeq = one.seq
		known := newTurn(open.id, open.input, nil)
		s.turns[open.id] = known
		if one.running {
			known.seq, known.resumed, known.acceptedIn = one.seq, open, one.epoch
			s.queue = append(s.queue, known)
			continue
		}
		s.conversation = append(s.conversation, open.left(one.failure)...)
		known.result = open.result(one.failure)
		close(known.ended)
	}
	return nil
}

// wake does again what the newest calls of two tools left beside the journal.
func (s *session) wake(stored []storedTurn) error {
	if call, found := lastCall(stored, isCrashOnLoad); found {
		death, err := tools.LeaveToCrash(s.ctx, call.Function.Arguments)
		if err != nil {
			return err
		}
		s.objects.die(death)
	}
	if call, found := lastCall(stored, isHoldMemory); found {
		tools.Caller{Memory: &s.memory}.Run(s.ctx, call)
	}
	return nil
}

// guard is the language's own: without it a panic ends the process. It stands in a deferred call.
func (s *session) guard(err *error) {
	if !s.objects.guarded {
		return
	}
	if bug := recover(); bug != nil {
		log.Printf("session %s: panic: %v\n%s", s.id, bug, debug.Stack())
		*err = fmt.Errorf("panic: %v", bug)
	}
}
