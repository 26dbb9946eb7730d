package front

import (
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"

	"agentderby/kit/chat"
	"agentderby/kit/outbound"
)

// A turn as its client sees it who reads along: `token` events while the model speaks, then one `result`, as server-sent
// events. The turn never waits for its client: what a slow one does not take is held and joined. Until the first token nothing
// is sent, so that whatever goes wrong before it keeps its plain status.

// A piece is text that the client has not been sent yet; void: the step begins anew.
type piece struct {
	step int
	text strings.Builder
	void bool
}

// held is what the turn said and the client has not been sent.
type held struct {
	mu     sync.Mutex
	pieces []*piece
	// wake holds one signal at most: there is something to send.
	wake chan struct{}
}

// Token implements chat.Listener.
func (h *held) Token(step int, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := len(h.pieces) - 1
	if last < 0 || h.pieces[last].step != step || h.pieces[last].void {
		h.pieces = append(h.pieces, &piece{step: step})
		last++
	}
	h.pieces[last].text.WriteString(text)
	h.signal()
}

// Restart implements chat.Listener.
func (h *held) Restart(step int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var others []*piece
	for _, piece := range h.pieces {
		if piece.step != step {
			others = append(others, piece)
		}
	}
	h.pieces = append(others, &piece{step: step, void: true})
	h.signal()
}

func (h *held) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// take returns the events of all that is held, and holds nothing any more.
func (h *held) take() string {
	h.mu.Lock()
	pieces := h.pieces
	h.pieces = nil
	h.mu.Unlock()
	var events strings.Builder
	for _, piece := range pieces {
		if piece.void {
			events.WriteString(eventOf("restart", map[string]int{"step": piece.step}))
			continue
		}
		events.WriteString(eventOf("token", struct {
			Step int    `json:"step"`
			Text string `json:"text"`
		}{piece.step, piece.text.String()}))
	}
	return events.String()
}

func eventOf(name string, data any) string {
	text, err := outbound.JSON(data)
	if err != nil {
		panic(err) // Strings and numbers in structs are always JSON.
	}
	return fmt.Sprintf("event: %s\ndata: %s\n\n", name, text)
}

// stream answers with events while the turn runs. An error is returned only where nothing has been sent.
func stream(response http.ResponseWriter, run func(chat.Listener) (chat.Result, error)) error {
	said := &held{wake: make(chan struct{}, 1)}
	var result chat.Result
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result, err = run(said)
	}()
	begun := false
	write := func(events string) {
		if events == "" {
			return
		}
		if !begun {
			response.Header().Set("Content-Type", "text/event-stream")
			response.Header().Set("Cache-Control", "no-cache")
			begun = true
		}
		// A client that has gone is not told; its turn goes on, and what is said to it costs nothing more than this.
		if _, err := response.Write([]byte(events)); err == nil {
			response.(http.Flusher).Flush()
		}
	}
	for running := true; running; {
		select {
		case <-said.wake:
			write(said.take())
		case <-ended:
			running = false
		}
	}
	switch {
	case err == nil:
		write(said.take() + eventOf("result", result))
	case begun:
		log.Printf("a turn broke off behind its tokens: %v", err)
		write(eventOf("error", map[string]string{"error": err.Error()}))
	default:
		return err
	}
	return nil
}
