// Package tools runs one tool call of the model: the eight local tools by name, every other name remotely at TOOLS_URL.
//
// A tool that goes wrong is something the model should hear of, not an error of the turn: the result is then {"error": …}.
// Nothing is retried. How a runner dies when `crash` is allowed to is its own business: it is told, and acts.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"agentderby/kit/chat"
	"agentderby/kit/outbound"
)

const (
	timeout        = 30 * time.Second
	mostErrorBytes = 200
	// mostSleepMs is the longest sleep that every runtime's own timer can do.
	mostSleepMs = 1<<31 - 1
	spared      = "spared"
)

// Death is what the script tells a runner that may crash.
type Death string

const (
	// Alive: nothing of the kind.
	Alive Death = ""
	// Throw: a panic in the turn's own code.
	Throw Death = "throw"
	// Detached: a panic outside the turn, which nobody waits for.
	Detached Death = "detached"
	// Unit: the death of what the runner's README names as its unit.
	Unit Death = "unit"
)

// Child is a session that spawn_agents asks for; its turn is "1".
type Child struct {
	Session, Input string
}

// Caller is what a runner tells about itself with each call.
type Caller struct {
	// Memory is where hold_memory keeps things.
	Memory *Memory
	// IdempotencyKey is sent with remote calls by runners that promise exactly-once-with-keys.
	IdempotencyKey string
	// Fence is sent with remote calls by runners that promise fenced-effects, from 1.
	Fence int
	// CalledAt is when a call that is being resumed was made first: its sleep counts from there. Zero: now.
	CalledAt time.Time
	// Spawn runs the children and returns their outputs, in order. Nil where spawn_agents is not offered.
	Spawn func(ctx context.Context, children []Child) ([]string, error)
}

// arguments of a local tool, by name.
type arguments map[string]any

// Run runs the call and returns the text of its tool message. With a death other than Alive it is the runner's turn to die
// that way; a runner that outlives it goes on with the text.
func (c Caller) Run(ctx context.Context, call chat.ToolCall) (string, Death) {
	text, death, err := c.run(ctx, call.Function.Name, call.Function.Arguments)
	if err == nil {
		return text, death
	}
	message, err := outbound.JSON(map[string]string{"error": err.Error()})
	if err != nil {
		panic(err) // A map of strings is always JSON.
	}
	return string(message), Alive
}

func (c Caller) run(ctx context.Context, name, text string) (string, Death, error) {
	var args arguments
	if err := json.Unmarshal([]byte(text), &args); err != nil {
		return "", Alive, fmt.Errorf("the arguments are no JSON object: %w", err)
	}
	if args == nil {
		return "", Alive, errors.New("the arguments are no JSON object")
	}
	if name == "crash" {
		return crash(ctx, args, text)
	}
	result, err := c.call(ctx, name, args, text)
	return result, Alive, err
}

func (c Caller) call(ctx context.Context, name string, args arguments, text string) (string, error) {
	switch name {
	case "parse_document":
		return parseDocument(args)
	case "search_memory":
		return searchMemory(args)
	case "burn_cpu":
		return burnCPU(args)
	case "hold_memory":
		return c.Memory.hold(args)
	case "churn_memory":
		return churnMemory(args)
	case "spawn_agents":
		return c.spawnAgents(ctx, text)
	case "sleep":
		return c.sleep(ctx, args)
	default:
		return post(ctx, name, text, c.headers())
	}
}

func (c Caller) headers() http.Header {
	headers := http.Header{}
	if c.IdempotencyKey != "" {
		headers.Set("Idempotency-Key", c.IdempotencyKey)
	}
	if c.Fence > 0 {
		headers.Set("Fence", strconv.Itoa(c.Fence))
	}
	return headers
}

// post calls a remote tool and returns the body of a 2xx answer.
func post(ctx context.Context, name, text string, headers http.Header) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	address := os.Getenv("TOOLS_URL") + "/" + url.PathEscape(name)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(text))
	if err != nil {
		return "", err
	}
	// net/http sends a request with an Idempotency-Key again by itself when its connection breaks. A tool is called once.
	request.GetBody = nil
	request.Header = headers
	request.Header.Set("Content-Type", "application/json")
	response, err := outbound.Client.Do(request)
	if err != nil {
		return "", fmt.Errorf("tool %s: %w", name, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("tool %s: %w", name, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		said := body
		if len(said) > mostErrorBytes {
			said = said[:mostErrorBytes]
		}
		return "", fmt.Errorf("tool %s answered %d: %s", name, response.StatusCode, said)
	}
	return string(body), nil
}

func crash(ctx context.Context, args arguments, text string) (string, Death, error) {
	if args["when"] == "load" {
		// Whoever loads sessions finds it in the journal; elsewhere there is no load hook.
		return spared, Alive, nil
	}
	death, err := LeaveToCrash(ctx, text)
	return spared, death, err
}

// LeaveToCrash asks whether, and how, to die: what a load hook does with the crash that is kept for it.
func LeaveToCrash(ctx context.Context, text string) (Death, error) {
	answer, err := post(ctx, "crash", text, http.Header{})
	if err != nil {
		return Alive, err
	}
	var told struct {
		Die any `json:"die"`
	}
	if err := json.Unmarshal([]byte(answer), &told); err != nil {
		return Alive, fmt.Errorf("leave to crash: %w", err)
	}
	switch death, _ := told.Die.(string); Death(death) {
	case Throw, Detached, Unit:
		return Death(death), nil
	default:
		return Alive, nil
	}
}

var errNoChildren = errors.New(`"children" must be [{session, input}]`)

func (c Caller) spawnAgents(ctx context.Context, text string) (string, error) {
	if c.Spawn == nil {
		return "", errors.New("spawn_agents is not offered")
	}
	var asked struct {
		Children []struct{ Session, Input *string } `json:"children"`
	}
	if err := json.Unmarshal([]byte(text), &asked); err != nil || asked.Children == nil {
		return "", errNoChildren
	}
	children := make([]Child, len(asked.Children))
	for i, child := range asked.Children {
		if child.Session == nil || child.Input == nil {
			return "", errNoChildren
		}
		children[i] = Child{Session: *child.Session, Input: *child.Input}
	}
	outputs, err := c.Spawn(ctx, children)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("joined_%d_%08x", len(outputs), fnv1a(strings.Join(outputs, "\n"))), nil
}

// sleep waits on a timer of the Go runtime.
func (c Caller) sleep(ctx context.Context, args arguments) (string, error) {
	ms, isNumber := args["ms"].(float64)
	if !isNumber || ms < 0 || ms > mostSleepMs {
		return "", errors.New(`"ms" must be a number from 0`)
	}
	left := time.Duration(ms * float64(time.Millisecond))
	if !c.CalledAt.IsZero() {
		left -= time.Since(c.CalledAt)
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return "slept", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
