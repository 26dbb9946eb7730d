package model

import (
	"testing"
	"time"
)

func TestRetryAfterIsSecondsOrADateAndAtMost30s(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"0": 0, "2": 2 * time.Second, "0.25": 250 * time.Millisecond, "1e300": 30 * time.Second, "600": 30 * time.Second,
		"Sun, 06 Nov 1994 08:49:37 GMT": 0,
	} {
		if got := retryAfter(header); got == nil || *got != want {
			t.Errorf("%q: got %v, want %v", header, got, want)
		}
	}
	for _, header := range []string{"", "soon", "-1", "NaN"} {
		if got := retryAfter(header); got != nil {
			t.Errorf("%q: got %v, want none", header, *got)
		}
	}
}

func TestBackoffDoublesWithJitter(t *testing.T) {
	for attempt, most := range []time.Duration{500, 1000, 2000, 4000} {
		most *= time.Millisecond
		for i := 0; i < 100; i++ {
			if got := pause(nil, attempt); got > most || got < most*3/4 {
				t.Errorf("attempt %d: %v", attempt, got)
			}
		}
	}
}
