package tools

import (
	"context"
	"fmt"
	"sync"

	"agentderby/kit/chat"
)

// Spawn makes what a Caller of this parent needs for spawn_agents: turn "1" of each child goes through the same loop as any
// other, all at the same time.
func Spawn(parent string, runTurn func(session, turn, input string) (chat.Result, error)) func(context.Context, []Child) ([]string, error) {
	runChild := func(child Child) (string, error) {
		if child.Session == parent {
			// The child would wait for the turn that waits for it.
			return "", fmt.Errorf("session %s cannot be its own child", parent)
		}
		result, err := runTurn(child.Session, "1", child.Input)
		if err == nil && result.Failed != nil {
			err = result.Failed
		}
		if err != nil {
			return "", fmt.Errorf("child %s: %w", child.Session, err)
		}
		return *result.Output, nil
	}
	return func(_ context.Context, children []Child) ([]string, error) {
		outputs := make([]string, len(children))
		errs := make([]error, len(children))
		var all sync.WaitGroup
		for i, child := range children {
			all.Add(1)
			go func(i int, child Child) {
				defer all.Done()
				outputs[i], errs[i] = runChild(child)
			}(i, child)
		}
		all.Wait()
		for _, err := range errs {
			if err != nil {
				return nil, err
			}
		}
		return outputs, nil
	}
}
