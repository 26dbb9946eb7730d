// Package chat holds the words that a runner shares with the kit: messages of a conversation, results of turns, and the
// failure that ends one for good.
//
// Messages have the shape of OpenAI's Chat Completions, so that a conversation is sent to the model as it is kept.
package chat

// ToolCall is a call of a tool, as the model wrote it.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function FunctionCall `json:"function"`
}

// FunctionCall names the tool. Arguments is JSON text and may be malformed: models make mistakes.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// Message is one message of a conversation: the part of the Chat Completions API that the generic agent uses.
type Message struct {
	Role string `json:"role"`
	// Content is null where the model said nothing beside its tool calls.
	Content    *string    `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

// Text returns the content, empty where there is none.
func (m Message) Text() string {
	if m.Content == nil {
		return ""
	}
	return *m.Content
}

// User is what a client said.
func User(text string) Message {
	return Message{Role: "user", Content: &text}
}

// Tool is the result of one tool call.
func Tool(callID, text string) Message {
	return Message{Role: "tool", ToolCallID: callID, Content: &text}
}

// Codes of failures, as the contract names them.
const (
	ModelRefused     = "model_refused"
	ContextOverflow  = "context_overflow"
	ModelUnavailable = "model_unavailable"
	TooManySteps     = "too_many_steps"
	GaveUp           = "gave_up"
)

// Failure says why a turn ended for good without an answer. It is kept and given again. Every other error means that nobody
// knows how the turn stands.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *Failure) Error() string {
	return f.Code + ": " + f.Message
}

// Result is how a turn ended: with the text of the answer, or for good without one. Exactly one of the fields is set.
type Result struct {
	Output *string  `json:"output,omitempty"`
	Failed *Failure `json:"failed,omitempty"`
}

// FinishedTurn is a turn as GET /sessions/{session} lists it.
type FinishedTurn struct {
	Turn  string `json:"turn"`
	Input string `json:"input"`
	Result
}

// Listener hears the text of a turn while the model says it, for a client that reads along. It never holds the turn up.
type Listener interface {
	// Token is a piece of the model's answer at this step, from 1.
	Token(step int, text string)
	// Restart says that what was heard of this step is void: the answer broke off and the model is asked again.
	Restart(step int)
}
