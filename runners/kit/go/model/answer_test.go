package model

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"agentderby/kit/chat"
)

const spoken = ": a comment\r\n" +
	"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"Zoë \"}}]}\r\n\r\n" +
	"data: {\"choices\":[{\"delta\":\r" + "data: {\"content\":\"漢字 😀\"}}]}\r\r" +
	"data: {\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]}}]}\n\n" +
	"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"pay\",\"arguments\":\"\"}}]}}]}\n\n" +
	"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"n\\\":\"}}]}}]}\n\n" +
	"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}}]}\n\n" +
	"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n" +
	"data: {\"choices\":[],\"usage\":{}}\n\n" +
	"data: [DONE]\n\n"

// cutReader gives `first` bytes at once, then the rest.
func cutReader(text string, first int) io.Reader {
	return io.MultiReader(strings.NewReader(text[:first]), strings.NewReader(text[first:]))
}

func TestAnAnswerIsTheSameWhereverItsStreamIsCut(t *testing.T) {
	content := "Zoë 漢字 😀"
	want := chat.Message{Role: "assistant", Content: &content, ToolCalls: []chat.ToolCall{
		{ID: "a", Type: "function", Function: chat.FunctionCall{Name: "pay", Arguments: `{"n":1}`}},
		{ID: "b", Type: "function", Function: chat.FunctionCall{Name: "look", Arguments: "{}"}},
	}}
	bodies := map[int]io.Reader{-1: iotest.OneByteReader(strings.NewReader(spoken))}
	for cut := 0; cut <= len(spoken); cut++ {
		bodies[cut] = cutReader(spoken, cut)
	}
	for cut, body := range bodies {
		heard := ""
		got, err := readAnswer(body, func(text string) { heard += text })
		if err != nil || !reflect.DeepEqual(got, want) || heard != content {
			t.Errorf("cut at %d: got %+v, heard %q, error %v", cut, got, heard, err)
		}
	}
}

func TestAnAnswerThatIsNotWholeIsNone(t *testing.T) {
	piece := "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n"
	finish := "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
	for name, body := range map[string]io.Reader{
		"no finish_reason":        strings.NewReader(piece + "data: [DONE]\n\n"),
		"finish_reason cut off":   strings.NewReader(piece + finish[:len(finish)-1]),
		"connection broken":       io.MultiReader(strings.NewReader(piece+finish), iotest.ErrReader(errors.New("reset"))),
		"error instead of choice": strings.NewReader(piece + "data: {\"error\":{\"message\":\"overloaded\"}}\n\n" + finish),
		"event named error":       strings.NewReader(piece + "event: error\ndata: {}\n\n" + finish),
		"garbage":                 strings.NewReader(piece + "data: {\"choi\n\n" + finish),
		"index out of range":      strings.NewReader("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1e9}]}}]}\n\n" + finish),
	} {
		if got, err := readAnswer(body, func(string) {}); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
