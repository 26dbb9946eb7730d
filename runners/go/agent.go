package main

import (
	"context"
	"fmt"
	"os"

	"agentderby/kit/chat"
	"agentderby/kit/model"
	"agentderby/kit/tools"
)

const mostSteps = 32

// agent is the generic agent: it asks the model, runs the tools it names, and repeats until it answers without a tool call.
type agent struct {
	caller   tools.Caller
	listener chat.Listener
	// die is called in the goroutine of the turn. If it returns, the turn goes on.
	die func(tools.Death)
}

// answer appends to the conversation, which ends in the user's input, until the model has answered. The error is a
// *chat.Failure when the turn ends for good without an answer.
func (a agent) answer(ctx context.Context, conversation []chat.Message) ([]chat.Message, error) {
	for step := 1; step <= mostSteps; step++ {
		message, err := model.Ask(ctx, conversation, step, a.listener)
		if err != nil {
			return nil, err
		}
		conversation = append(conversation, message)
		if len(message.ToolCalls) == 0 {
			return conversation, nil
		}
		conversation = append(conversation, a.use(ctx, message.ToolCalls)...)
	}
	return nil, &chat.Failure{Code: chat.TooManySteps, Message: fmt.Sprintf("no answer after %d steps", mostSteps)}
}

// use runs the calls in parallel and returns their results in the order of the calls.
func (a agent) use(ctx context.Context, calls []chat.ToolCall) []chat.Message {
	type outcome struct {
		index int
		text  string
		death tools.Death
	}
	outcomes := make(chan outcome, len(calls))
	for i, call := range calls {
		go func(i int, call chat.ToolCall) {
			text, death := a.caller.Run(ctx, call)
			outcomes <- outcome{i, text, death}
		}(i, call)
	}
	results := make([]chat.Message, len(calls))
	for range calls {
		done := <-outcomes
		if done.death != tools.Alive {
			a.die(done.death)
		}
		results[done.index] = chat.Tool(calls[done.index].ID, done.text)
	}
	return results
}

// crash dies as told. The unit is the process; under the guard it is the session.
func (s *sessions) crash(death tools.Death) {
	switch death {
	case tools.Throw:
		panic(errBug)
	case tools.Detached:
		// No guard reaches a goroutine that it was not written into.
		go panic(errBug)
	case tools.Unit:
		if s.guarded {
			panic(errLastBug)
		}
		os.Exit(1)
	}
}
