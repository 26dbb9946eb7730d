package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"agentderby/kit/chat"
)

// mostCalls is far above what a model names in one answer; an index beyond it is garbage.
const mostCalls = 1024

// A chunk is one piece of a streamed answer.
type chunk struct {
	Error   json.RawMessage `json:"error"`
	Choices []struct {
		Delta struct {
			Content   string      `json:"content"`
			ToolCalls []callPiece `json:"tool_calls"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
}

// A callPiece belongs to the call with this index: first come its id and name, then its arguments.
type callPiece struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// readAnswer puts an answer together from its stream. What it returns is whole: it was finished, and ended in order.
func readAnswer(body io.Reader, hear func(text string)) (chat.Message, error) {
	events := newEventReader(body)
	var content strings.Builder
	var calls []*call
	finished := false
	for {
		event, err := events.next()
		if errors.Is(err, io.EOF) || err == nil && string(event.data) == "[DONE]" {
			break
		}
		if err != nil {
			return chat.Message{}, err
		}
		piece, err := parseChunk(event)
		if err != nil {
			return chat.Message{}, err
		}
		if len(piece.Choices) == 0 {
			continue
		}
		choice := piece.Choices[0]
		if text := choice.Delta.Content; text != "" {
			content.WriteString(text)
			hear(text)
		}
		if calls, err = addPieces(calls, choice.Delta.ToolCalls); err != nil {
			return chat.Message{}, err
		}
		finished = finished || choice.FinishReason != ""
	}
	if !finished {
		return chat.Message{}, errors.New("the stream ended without a finish_reason")
	}
	return answerOf(content.String(), calls), nil
}

func parseChunk(event event) (chunk, error) {
	var piece chunk
	if err := json.Unmarshal(event.data, &piece); err != nil {
		return piece, fmt.Errorf("a piece of the stream: %w", err)
	}
	said := len(piece.Error) > 0 && !bytes.Equal(piece.Error, []byte("null"))
	if said || event.name == "error" {
		return piece, fmt.Errorf("the model says in its stream: %.200s", event.data)
	}
	return piece, nil
}

// A call under construction.
type call struct {
	id, name  string
	arguments strings.Builder
}

func addPieces(calls []*call, pieces []callPiece) ([]*call, error) {
	for _, piece := range pieces {
		if piece.Index < 0 || piece.Index >= mostCalls {
			return calls, fmt.Errorf("a tool call has the index %d", piece.Index)
		}
		for len(calls) <= piece.Index {
			calls = append(calls, nil)
		}
		if calls[piece.Index] == nil {
			calls[piece.Index] = &call{}
		}
		at := calls[piece.Index]
		if piece.ID != "" {
			at.id = piece.ID
		}
		if piece.Function.Name != "" {
			at.name = piece.Function.Name
		}
		at.arguments.WriteString(piece.Function.Arguments)
	}
	return calls, nil
}

func answerOf(content string, calls []*call) chat.Message {
	answer := chat.Message{Role: "assistant"}
	for _, call := range calls {
		if call == nil {
			continue
		}
		function := chat.FunctionCall{Name: call.name, Arguments: call.arguments.String()}
		answer.ToolCalls = append(answer.ToolCalls, chat.ToolCall{ID: call.id, Type: "function", Function: function})
	}
	if content != "" || len(answer.ToolCalls) == 0 {
		answer.Content = &content
	}
	return answer
}
