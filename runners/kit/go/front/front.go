// Package front is the HTTP front of a runner: it speaks the contract's requests and statuses, and hands turns to an agent.
//
// It knows nothing of sessions: joining, queueing, refusing and keeping are the agent's. It promises that a broken client
// connection never cancels a turn, and that SIGTERM lets running turns finish for a while.
package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"agentderby/kit/chat"
	"agentderby/kit/outbound"
)

const (
	mostIDCharacters = 64
	mostBodyBytes    = 1 << 20
	// drainMost is how long a process that was asked to end waits for its running turns.
	drainMost = 10 * time.Second
)

// Agent is what a runner offers behind the front.
type Agent interface {
	// RunTurn runs the turn or joins the one that runs, and returns when it has ended. The error is a *Refused, or anything
	// else when nobody knows. The listener is nil where the client does not read along.
	RunTurn(session, turn, input string, listener chat.Listener) (chat.Result, error)
	// ReadSession returns finished turns in order of finishing, and whether the session is known.
	ReadSession(session string) (turns []chat.FinishedTurn, known bool, err error)
	// Ready is false until turns are accepted.
	Ready() bool
	// Close gives back what the agent holds; called once, after the last turn.
	Close()
}

// Refused says that a turn was certainly not accepted: 409 for another input, 503 for "not now".
type Refused struct {
	Status  int
	Message string
}

func (r *Refused) Error() string {
	return r.Message
}

// malformed: the request is not one of the contract's.
type malformed string

func (m malformed) Error() string {
	return string(m)
}

var errNotFound = errors.New("not found")

// Front answers HTTP requests for one agent.
type Front struct {
	Runtime string
	Version string
	Agent   Agent

	draining atomic.Bool
}

// Serve listens at 127.0.0.1:PORT_HTTP until SIGTERM, lets running turns finish for at most 10 s, and returns.
func (f *Front) Serve() error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Getenv("PORT_HTTP")))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: f}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	select {
	case err := <-served:
		return err
	case <-terminate:
	}
	f.draining.Store(true)
	patience, cancel := context.WithTimeout(context.Background(), drainMost)
	defer cancel()
	// Shutdown waits for handlers, also those whose clients have gone: they wait for their turns.
	if err := server.Shutdown(patience); err != nil {
		log.Printf("turns were still running after %v", drainMost)
	}
	f.Agent.Close()
	return nil
}

// ServeHTTP takes paths as they were sent: http.ServeMux would clean them, and an id may be any string.
func (f *Front) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := f.route(response, request)
	if err == nil && body != nil {
		send(response, http.StatusOK, body)
		return
	}
	if err == nil {
		return // The turn's result went out behind its tokens.
	}
	status := http.StatusInternalServerError
	var refused *Refused
	var bad malformed
	switch {
	case errors.As(err, &refused):
		status = refused.Status
		if status == http.StatusServiceUnavailable {
			response.Header().Set("Retry-After", "1")
		}
	case errors.As(err, &bad):
		status = http.StatusBadRequest
	case errors.Is(err, errNotFound):
		status = http.StatusNotFound
	default:
		log.Printf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	send(response, status, map[string]string{"error": err.Error()})
}

func send(response http.ResponseWriter, status int, body any) {
	text, err := outbound.JSON(body)
	if err != nil {
		panic(err) // Strings in structs and maps are always JSON.
	}
	response.Header().Set("Content-Type", "application/json")
	response.Header().Set("Content-Length", strconv.Itoa(len(text)))
	response.WriteHeader(status)
	response.Write(text)
}

func (f *Front) route(response http.ResponseWriter, request *http.Request) (any, error) {
	ready := !f.draining.Load() && f.Agent.Ready()
	path := strings.Split(strings.TrimPrefix(request.URL.EscapedPath(), "/"), "/")
	isSession := path[0] == "sessions"
	switch {
	case request.Method == http.MethodGet && len(path) == 1 && path[0] == "healthz":
		if !ready {
			return nil, &Refused{http.StatusServiceUnavailable, "no turns are accepted now"}
		}
		return map[string]string{"runtime": f.Runtime, "version": f.Version}, nil
	case request.Method == http.MethodPut && isSession && len(path) == 4 && path[2] == "turns":
		return f.putTurn(response, request, ready, path[1], path[3])
	case request.Method == http.MethodGet && isSession && len(path) == 2:
		return f.getSession(ready, path[1])
	default:
		return nil, errNotFound
	}
}

func (f *Front) putTurn(response http.ResponseWriter, request *http.Request, ready bool, sessionPart, turnPart string) (any, error) {
	input, err := readInput(http.MaxBytesReader(response, request.Body, mostBodyBytes))
	if err != nil {
		return nil, err
	}
	session, err := idFrom(sessionPart)
	if err != nil {
		return nil, err
	}
	turn, err := idFrom(turnPart)
	if err != nil {
		return nil, err
	}
	if !ready {
		return nil, &Refused{http.StatusServiceUnavailable, "no turns are accepted now"}
	}
	if strings.Contains(request.Header.Get("Accept"), "text/event-stream") {
		return nil, stream(response, func(listener chat.Listener) (chat.Result, error) {
			return f.Agent.RunTurn(session, turn, input, listener)
		})
	}
	result, err := f.Agent.RunTurn(session, turn, input, nil)
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (f *Front) getSession(ready bool, sessionPart string) (any, error) {
	session, err := idFrom(sessionPart)
	if err != nil {
		return nil, err
	}
	if !ready {
		return nil, &Refused{http.StatusServiceUnavailable, "sessions cannot be told yet"}
	}
	turns, known, err := f.Agent.ReadSession(session)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, errNotFound
	}
	if turns == nil {
		turns = []chat.FinishedTurn{}
	}
	return map[string][]chat.FinishedTurn{"turns": turns}, nil
}

func idFrom(part string) (string, error) {
	id, err := url.PathUnescape(part)
	if err != nil {
		return "", malformed(fmt.Sprintf("the id %s is not well encoded", part))
	}
	if characters := utf8.RuneCountInString(id); characters == 0 || characters > mostIDCharacters {
		return "", malformed(fmt.Sprintf("an id has 1 to %d characters", mostIDCharacters))
	}
	return id, nil
}

func readInput(body io.Reader) (string, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return "", malformed(err.Error())
	}
	// A map, since a struct would also take "INPUT".
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", malformed("the body is no JSON object")
	}
	input, isText := fields["input"].(string)
	if !isText {
		return "", malformed(`the body has no string "input"`)
	}
	return input, nil
}
