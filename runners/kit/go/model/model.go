// Package model is the model client: one completion of a conversation, read as a stream, with the tries of the contract's table.
//
// What to do with the answer is the runner's business.
package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"agentderby/kit/chat"
	"agentderby/kit/outbound"
)

const (
	// moreTries after the first one.
	moreTries = 4
	// retryAfterMost is the longest wait that a Retry-After header may ask for.
	retryAfterMost = 30 * time.Second
	firstBackoff   = 500 * time.Millisecond
	// jitter is the share of a wait that chance may take away.
	jitter = 0.25
	// drainMost is how long the end of a body may take after [DONE], so that its connection can be used again.
	drainMost      = 250 * time.Millisecond
	mostErrorBytes = 64 << 10
)

// silenceMost is how long the model may send no byte. A variable for the tests alone.
var silenceMost = 30 * time.Second

func init() {
	// Before Go 1.20 every start of a process draws the same numbers; jitter is there to keep starts apart.
	rand.Seed(time.Now().UnixNano())
}

// A retryable error may be gone at the next try, which is to come no earlier than after the wait that the model asked for.
type retryable struct {
	error
	after *time.Duration
}

// Ask sends the conversation to the model at MODEL_URL and returns its whole answer, that of this step, from 1. The listener,
// nil where nobody reads along, hears the text as it comes.
//
// The error is a *chat.Failure when the model refuses (4xx), the context overflows, or the tries are used up.
func Ask(ctx context.Context, conversation []chat.Message, step int, listener chat.Listener) (chat.Message, error) {
	body, err := outbound.JSON(struct {
		Model    string         `json:"model"`
		Messages []chat.Message `json:"messages"`
		Stream   bool           `json:"stream"`
	}{"any", conversation, true})
	if err != nil {
		return chat.Message{}, err
	}
	for attempt := 0; ; attempt++ {
		heard := false
		answer, err := try(ctx, body, func(text string) {
			if listener != nil {
				heard = true
				listener.Token(step, text)
			}
		})
		if err == nil {
			return answer, nil
		}
		if heard {
			listener.Restart(step)
		}
		var again retryable
		if ctx.Err() != nil || !errors.As(err, &again) {
			return chat.Message{}, err
		}
		if attempt == moreTries {
			message := fmt.Sprintf("%d tries, the last: %v", moreTries+1, err)
			return chat.Message{}, &chat.Failure{Code: chat.ModelUnavailable, Message: message}
		}
		if err := wait(ctx, pause(again.after, attempt)); err != nil {
			return chat.Message{}, err
		}
	}
}

// try asks once. It gives up when no byte comes for a while: no header, or no more of the body.
func try(ctx context.Context, body []byte, hear func(string)) (chat.Message, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var silent atomic.Bool
	silence := time.AfterFunc(silenceMost, func() {
		silent.Store(true)
		cancel()
	})
	defer silence.Stop()

	answer, err := exchange(ctx, body, silence, hear)
	if silent.Load() && err != nil {
		err = retryable{error: fmt.Errorf("no byte from the model for %v", silenceMost)}
	}
	return answer, err
}

func exchange(ctx context.Context, body []byte, silence *time.Timer, hear func(string)) (chat.Message, error) {
	url := os.Getenv("MODEL_URL") + "/chat/completions"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return chat.Message{}, err
	}
	request.Header.Set("Authorization", "Bearer any")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := outbound.Client.Do(request)
	if err != nil {
		return chat.Message{}, retryable{error: err}
	}
	defer response.Body.Close()
	silence.Reset(silenceMost)
	if response.StatusCode != http.StatusOK {
		return chat.Message{}, refusal(response)
	}
	stream := &heardReader{response.Body, silence}
	answer, err := readAnswer(stream, hear)
	if err != nil {
		return chat.Message{}, retryable{error: err}
	}
	silence.Reset(drainMost)
	io.Copy(io.Discard, response.Body)
	return answer, nil
}

// A heardReader puts the limit on silence off with every byte that comes.
type heardReader struct {
	io.Reader
	silence *time.Timer
}

func (r *heardReader) Read(into []byte) (int, error) {
	n, err := r.Reader.Read(into)
	if n > 0 {
		r.silence.Reset(silenceMost)
	}
	return n, err
}

// refusal turns an answer without a stream into an error. 4xx other than 429 will not get better by asking again.
func refusal(response *http.Response) error {
	var body struct {
		Error struct {
			Code    any    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	// An error's body may be anything; what cannot be read says nothing more.
	text, _ := io.ReadAll(io.LimitReader(response.Body, mostErrorBytes))
	_ = json.Unmarshal(text, &body)
	message := fmt.Sprintf("%s %s", response.Status, body.Error.Message)
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests || status < 400 || status >= 500:
		return retryable{errors.New(message), retryAfter(response.Header.Get("Retry-After"))}
	case body.Error.Code == "context_length_exceeded":
		return &chat.Failure{Code: chat.ContextOverflow, Message: message}
	default:
		return &chat.Failure{Code: chat.ModelRefused, Message: message}
	}
}

// retryAfter is a number of seconds or an HTTP date (RFC 9110, 10.2.3); nil where there is neither.
func retryAfter(header string) *time.Duration {
	var after time.Duration
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds >= 0 {
		// Compared as seconds: a larger number may not fit a Duration.
		if seconds > retryAfterMost.Seconds() {
			seconds = retryAfterMost.Seconds()
		}
		after = time.Duration(seconds * float64(time.Second))
	} else if date, err := http.ParseTime(header); err == nil {
		after = time.Until(date)
	} else {
		return nil
	}
	if after < 0 {
		after = 0
	} else if after > retryAfterMost {
		after = retryAfterMost
	}
	return &after
}

func pause(asked *time.Duration, attempt int) time.Duration {
	if asked != nil {
		return *asked
	}
	return time.Duration(float64(firstBackoff<<attempt) * (1 - rand.Float64()*jitter))
}

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
