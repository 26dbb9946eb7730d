// Package observe looks into the Go runtime for the harness: pauses of the collector, the heap, waiting times of the scheduler,
// and a heartbeat from an ordinary goroutine. It knows nothing of sessions, keeps no process alive, and gives up silently, since
// an observer must not break what it observes.
//
// No "stall" is written: goroutines are preempted, so that nothing but the collector's pauses stops all of them. How long they
// waited to be run is in the heap lines (delayMs), and what a goroutine feels of it all is in the heartbeat.
package observe

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"
)

const (
	lookEvery     = 250 * time.Millisecond
	looksPerState = 4
)

// clock gives instants in milliseconds of CLOCK_MONOTONIC.
type clock struct {
	origin   time.Time
	originMs float64
}

func newClock() (clock, bool) {
	now, known := monotonic()
	return clock{time.Now(), ms(now)}, known
}

func (c clock) ms(at time.Time) float64 {
	return c.originMs + ms(at.Sub(c.origin))
}

func ms(d time.Duration) float64 {
	return float64(d) / float64(time.Millisecond)
}

// Start observes into the files that begin with DERBY_OBSERVE, if that is set.
func Start() {
	prefix := os.Getenv("DERBY_OBSERVE")
	clock, known := newClock()
	if prefix == "" || !known {
		return
	}
	go look(prefix, clock)
	go beat(prefix, clock)
}

// look writes a few times a second what happened since the last time.
func look(prefix string, clock clock) {
	file, err := os.OpenFile(fmt.Sprintf("%s.%d.0", prefix, os.Getpid()), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return
	}
	defer file.Close()
	pauses := pauseWatch{clock: clock}
	state := newStateWatch(clock)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for looks := 1; ; looks++ {
		<-ticker.C
		lines := pauses.lines(nil)
		if looks%looksPerState == 0 {
			lines = appendLine(lines, state.line())
		}
		if len(lines) == 0 {
			continue
		}
		if _, err := file.Write(lines); err != nil {
			return
		}
	}
}

func appendLine(lines []byte, value any) []byte {
	line, err := json.Marshal(value)
	if err != nil {
		return lines
	}
	return append(append(lines, line...), '\n')
}

type gcLine struct {
	E    string  `json:"e"`
	At   float64 `json:"at"`
	Kind string  `json:"kind"`
	Ms   float64 `json:"ms"`
}

// pauseWatch finds collections. The Go collector works beside the goroutines and stops them twice per collection, for a
// moment each; the runtime keeps the sum of the two and the end of the second, so that they stand here as one pause before
// that end. It keeps 256 of them, far more than happen between two looks.
type pauseWatch struct {
	clock clock
	seen  int64
	stats debug.GCStats
}

func (w *pauseWatch) lines(lines []byte) []byte {
	debug.ReadGCStats(&w.stats)
	fresh := int(w.stats.NumGC - w.seen)
	w.seen = w.stats.NumGC
	if fresh > len(w.stats.Pause) {
		fresh = len(w.stats.Pause)
	}
	// PauseEnd is on the wall clock; how long ago it was is the same on both.
	now := time.Now()
	for i := fresh - 1; i >= 0; i-- {
		pause := w.stats.Pause[i]
		ago := now.Round(0).Sub(w.stats.PauseEnd[i])
		lines = appendLine(lines, gcLine{"gc", w.clock.ms(now) - ms(ago) - ms(pause), "major", ms(pause)})
	}
	return lines
}

const beatEvery = 10 * time.Millisecond

// beat writes the instant into the heartbeat's pipe, unless another process of this start does. System calls of its own
// instead of package os: an os.File would wait for room in the pipe.
func beat(prefix string, clock clock) {
	mine, err := os.OpenFile(prefix+".beating", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return
	}
	mine.Close()
	pipe, err := syscall.Open(prefix+".beat", syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer syscall.Close(pipe)
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		<-ticker.C
		stamp := littleEndian(clock.ms(time.Now()))
		// A beat that does not fit is dropped.
		if _, err := syscall.Write(pipe, stamp[:]); err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
			return
		}
	}
}
