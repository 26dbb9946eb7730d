package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"agentderby/kit/chat"
	"agentderby/kit/model"
	"agentderby/kit/tools"
)

const (
	mostSteps = 32
	// mostResumptions is how often a turn may be interrupted before it is given up. One that kills its process would otherwise
	// do so for ever.
	mostResumptions = 20
)

// A step is one answer of the model and the results of its calls, in the order of the calls; those not yet known are nil.
type step struct {
	answer     chat.Message
	answeredAt time.Time
	results    []*chat.Message
}

// An openTurn is a turn put together from its journal: what it is asked and what it did so far.
type openTurn struct {
	id, input string
	steps     []*step
}

func openTurnFrom(stored storedTurn) *openTurn {
	turn := &openTurn{id: stored.id}
	for i := range stored.entries {
		entry := &stored.entries[i]
		switch {
		case entry.step == 0:
			turn.input = entry.message.Text()
		case entry.part == 0:
			turn.add(entry.message, entry.writtenAt)
		default:
			turn.steps[entry.step-1].results[entry.part-1] = &entry.message
		}
	}
	return turn
}

func (t *openTurn) add(answer chat.Message, at time.Time) *step {
	added := &step{answer, at, make([]*chat.Message, len(answer.ToolCalls))}
	t.steps = append(t.steps, added)
	return added
}

// messages are input, answers and results, in order.
func (t *openTurn) messages() []chat.Message {
	messages := []chat.Message{chat.User(t.input)}
	for _, step := range t.steps {
		messages = append(messages, step.answer)
		for _, result := range step.results {
			if result != nil {
				messages = append(messages, *result)
			}
		}
	}
	return messages
}

// left is what the turn leaves in the conversation: all of it, or of a failed one its input and nothing after it.
func (t *openTurn) left(failure *chat.Failure) []chat.Message {
	if failure != nil {
		return []chat.Message{chat.User(t.input)}
	}
	return t.messages()
}

// result of a turn that has ended.
func (t *openTurn) result(failure *chat.Failure) chat.Result {
	if failure != nil {
		return chat.Result{Failed: failure}
	}
	output := t.steps[len(t.steps)-1].answer.Text()
	return chat.Result{Output: &output}
}

// play runs the turn to its end: what is journaled is not done again, what is missing is.
func (s *session) play(turn *turn) (ended ending) {
	defer s.guard(&ended.err)
	open := turn.resumed
	if open == nil {
		open = &openTurn{id: turn.id, input: turn.input}
		input := entry{message: chat.User(turn.input)}
		if err := s.keep(write{turn: turn.id, seq: turn.seq, entry: &input}); err != nil {
			return ending{err: err}
		}
	}
	err := s.goOn(turn, open)
	var failed *chat.Failure
	if errors.As(err, &failed) {
		err = s.keep(write{turn: turn.id, failure: failed})
	}
	if err != nil {
		return ending{err: err}
	}
	return ending{result: open.result(failed), messages: open.left(failed)}
}

// goOn follows the journal and then writes it. Every act follows from committed messages only: tools run after the answer that
// names them was committed, and the model is asked after the results were.
func (s *session) goOn(turn *turn, open *openTurn) error {
	if interruptions := s.epoch - turn.acceptedIn; turn.resumed != nil && interruptions > mostResumptions {
		return &chat.Failure{Code: chat.GaveUp, Message: fmt.Sprintf("interrupted %d times", interruptions)}
	}
	for number := 1; number <= mostSteps; number++ {
		if number > len(open.steps) {
			if err := s.askModel(turn, open, number); err != nil {
				return err
			}
		}
		step := open.steps[number-1]
		if len(step.answer.ToolCalls) == 0 {
			return nil
		}
		if err := s.use(open.id, step, number); err != nil {
			return err
		}
	}
	return &chat.Failure{Code: chat.TooManySteps, Message: fmt.Sprintf("no answer after %d steps", mostSteps)}
}

func (s *session) askModel(turn *turn, open *openTurn, number int) error {
	conversation := append(append([]chat.Message(nil), s.conversation...), open.messages()...)
	answer, err := model.Ask(s.ctx, conversation, number, turn.listener)
	if err != nil {
		return err
	}
	last := len(answer.ToolCalls) == 0
	if err := s.keep(write{turn: open.id, entry: &entry{step: number, message: answer}, done: last}); err != nil {
		return err
	}
	open.add(answer, time.Now())
	return nil
}

// use runs the calls that have no result yet, in parallel, and commits each result when it is there.
func (s *session) use(turn string, step *step, number int) error {
	type outcome struct {
		index int
		text  string
		death tools.Death
	}
	calls := step.answer.ToolCalls
	outcomes := make(chan outcome, len(calls))
	missing := 0
	for i, call := range calls {
		if step.results[i] != nil {
			continue
		}
		missing++
		go func(i int, call chat.ToolCall) {
			text, death := s.caller(turn, step, number, i).Run(s.ctx, call)
			outcomes <- outcome{i, text, death}
		}(i, call)
	}
	for ; missing > 0; missing-- {
		done := <-outcomes
		s.objects.die(done.death)
		if err := s.ctx.Err(); err != nil {
			return err // The result may be no more than that the session has left.
		}
		result := chat.Tool(calls[done.index].ID, done.text)
		if err := s.keep(write{turn: turn, entry: &entry{step: number, part: done.index + 1, message: result}}); err != nil {
			return err
		}
		step.results[done.index] = &result
	}
	return nil
}

func (s *session) caller(turn string, step *step, number, index int) tools.Caller {
	return tools.Caller{
		Memory: &s.memory,
		// Made of positions, never of the tool call's id: an answer that is bought again has other ids.
		IdempotencyKey: fmt.Sprintf("%s/%s/%d/%d", url.PathEscape(s.id), url.PathEscape(turn), number, index),
		Fence:          s.epoch,
		CalledAt:       step.answeredAt,
		Spawn:          tools.Spawn(s.id, s.objects.runChild),
	}
}

func (s *session) keep(change write) error {
	change.session, change.epoch = s.id, s.epoch
	return s.objects.store.commit(s.ctx, change)
}

var errBug = errors.New("crashed, as the script told")

// die dies as told. The unit is the process; under the guard it is the live session.
func (o *objects) die(death tools.Death) {
	switch death {
	case tools.Throw:
		panic(errBug)
	case tools.Detached:
		// No guard reaches a goroutine that it was not written into.
		go panic(errBug)
	case tools.Unit:
		if o.guarded {
			panic(errBug)
		}
		os.Exit(1)
	}
}

// lastCall is the newest call of the session that is so.
func lastCall(turns []storedTurn, is func(chat.FunctionCall) bool) (last chat.ToolCall, found bool) {
	for _, turn := range turns {
		for _, entry := range turn.entries {
			for _, call := range entry.message.ToolCalls {
				if is(call.Function) {
					last, found = call, true
				}
			}
		}
	}
	return last, found
}

// isCrashOnLoad: the journal, which holds the call, is where such a crash is stored.
func isCrashOnLoad(call chat.FunctionCall) bool {
	var args map[string]any
	return call.Name == "crash" && json.Unmarshal([]byte(call.Arguments), &args) == nil && args["when"] == "load"
}

func isHoldMemory(call chat.FunctionCall) bool {
	return call.Name == "hold_memory"
}
