package tools

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"agentderby/kit/chat"
)

// The known answers of every local tool that computes, as all runners share them.
func TestKnownAnswers(t *testing.T) {
	text, err := os.ReadFile("../../../vectors.json")
	if err != nil {
		t.Skipf("the known answers are not here: %v", err)
	}
	var known map[string][]struct {
		Arguments json.RawMessage
		Result    any
	}
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	for tool, answers := range known {
		for _, answer := range answers {
			got := run(tool, string(answer.Arguments))
			// An answer that is no text says that there is to be an error.
			if want, isText := answer.Result.(string); isText && got != want || !isText && !isError(got) {
				t.Errorf("%s %.100s: got %s, want %v", tool, answer.Arguments, got, answer.Result)
			}
		}
	}
}

func TestNonsenseIsToldToTheModel(t *testing.T) {
	for tool, args := range map[string]string{
		"burn_cpu":       `{"seed":1,"rounds":1.5}`,
		"hold_memory":    `{"seed":1,"bytes":9007199254740991}`,
		"search_memory":  `{"seed":1,"vectors":9007199254740991,"dimensions":9007199254740991,"top":1}`,
		"churn_memory":   `{"seed":-1,"bytes":1}`,
		"parse_document": `{"document":"{\"records\":[{\"ID\":1,\"name\":\"a\",\"tags\":[],\"values\":[]}]}"}`,
		"sleep":          `{"ms":-1}`,
		"spawn_agents":   `{"children":[{"session":"a"}]}`,
		"anything":       `[]`,
		"nothing":        `null`,
	} {
		if got := run(tool, args); !isError(got) {
			t.Errorf("%s %s: got %s", tool, args, got)
		}
	}
}

func isError(text string) bool {
	var told struct{ Error string }
	return json.Unmarshal([]byte(text), &told) == nil && told.Error != ""
}

func run(tool, args string) string {
	call := chat.ToolCall{Function: chat.FunctionCall{Name: tool, Arguments: args}}
	text, _ := Caller{Memory: &Memory{}}.Run(context.Background(), call)
	return text
}
