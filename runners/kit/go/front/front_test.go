package front

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"agentderby/kit/chat"
)

// A fakeAgent runs every turn as `run` says.
type fakeAgent struct {
	run func(session, turn, input string, listener chat.Listener) (chat.Result, error)
}

func (a fakeAgent) RunTurn(session, turn, input string, listener chat.Listener) (chat.Result, error) {
	return a.run(session, turn, input, listener)
}
func (a fakeAgent) ReadSession(string) ([]chat.FinishedTurn, bool, error) { return nil, true, nil }
func (a fakeAgent) Ready() bool                                           { return true }
func (a fakeAgent) Close()                                                {}

func serve(t *testing.T, agent fakeAgent) string {
	server := httptest.NewServer(&Front{Agent: agent})
	t.Cleanup(server.Close)
	return server.URL
}

func request(t *testing.T, method, url, accept, body string) (int, string) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func outputOf(text string) (chat.Result, error) {
	return chat.Result{Output: &text}, nil
}

func TestIDsAreAnyStringOfAtMost64Characters(t *testing.T) {
	got := ""
	url := serve(t, fakeAgent{func(session, turn, input string, _ chat.Listener) (chat.Result, error) {
		got = session + "|" + turn + "|" + input
		return outputOf("ok")
	}})
	request(t, "PUT", url+"/sessions/a%2Fb%2F..%2F%C3%A9/turns/..", "", `{"input":"<&>"}`)
	if got != "a/b/../é|..|<&>" {
		t.Errorf("got %q", got)
	}
	for _, path := range []string{"/sessions//turns/1", "/sessions/" + strings.Repeat("é", 65) + "/turns/1"} {
		if status, _ := request(t, "PUT", url+path, "", `{"input":"hello"}`); status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestBodiesWithoutAStringInputAreMalformed(t *testing.T) {
	url := serve(t, fakeAgent{func(_, _, _ string, _ chat.Listener) (chat.Result, error) { return outputOf("ok") }})
	for _, body := range []string{"", "{", "[]", "null", `{"input":1}`, `{"input":null}`, `{"INPUT":"a"}`, `{"input":"a"} x`} {
		if status, _ := request(t, "PUT", url+"/sessions/a/turns/1", "", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d", body, status)
		}
	}
}

func TestWhatBreaksBeforeTheFirstTokenKeepsItsPlainStatus(t *testing.T) {
	var broken error
	url := serve(t, fakeAgent{func(_, _, _ string, _ chat.Listener) (chat.Result, error) { return chat.Result{}, broken }})
	for want, err := range map[int]error{409: &Refused{409, "other input"}, 503: &Refused{503, "later"}, 500: errors.New("bug")} {
		broken = err
		if status, _ := request(t, "PUT", url+"/sessions/a/turns/1", "text/event-stream", `{"input":"a"}`); status != want {
			t.Errorf("%v: %d", err, status)
		}
	}
}

func TestAStreamBringsTokensRestartsAndTheResult(t *testing.T) {
	url := serve(t, fakeAgent{func(_, _, _ string, listener chat.Listener) (chat.Result, error) {
		listener.Token(1, "half <a>")
		listener.Restart(1)
		listener.Token(1, "who")
		listener.Token(1, "le")
		return outputOf("whole")
	}})
	status, text := request(t, "PUT", url+"/sessions/a/turns/1", "text/event-stream", `{"input":"a"}`)
	// How the pieces are joined depends on when they are sent; what a client is left with does not.
	left := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "event: restart":
			left = ""
		case strings.HasPrefix(line, `data: {"step":1,"text":"`):
			left += strings.TrimSuffix(strings.TrimPrefix(line, `data: {"step":1,"text":"`), `"}`)
		}
	}
	if status != 200 || left != "whole" || !strings.HasSuffix(text, "event: result\ndata: {\"output\":\"whole\"}\n\n") {
		t.Errorf("%d, left with %q of:\n%s", status, left, text)
	}
}

func TestASlowClientIsSentJoinedPieces(t *testing.T) {
	said := &held{wake: make(chan struct{}, 1)}
	said.Token(1, "a")
	said.Token(1, "b")
	said.Token(2, "c")
	said.Restart(1)
	said.Token(1, "d")
	want := "event: token\ndata: {\"step\":2,\"text\":\"c\"}\n\nevent: restart\ndata: {\"step\":1}\n\nevent: token\ndata: {\"step\":1,\"text\":\"d\"}\n\n"
	if got := said.take(); got != want || said.take() != "" {
		t.Errorf("got %s", got)
	}
}
