package observe

import (
	"encoding/binary"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"time"
)

const (
	heapUsed  = "/memory/classes/heap/objects:bytes"
	mapped    = "/memory/classes/total:bytes"
	returned  = "/memory/classes/heap/released:bytes"
	latencies = "/sched/latencies:seconds"
	// runnable is there from Go 1.26 on.
	runnable = "/sched/goroutines/runnable:goroutines"
)

type heapLine struct {
	E          string  `json:"e"`
	At         float64 `json:"at"`
	UsedBytes  uint64  `json:"usedBytes"`
	TotalBytes uint64  `json:"totalBytes"`
	LimitBytes int64   `json:"limitBytes,omitempty"`
	Busy       float64 `json:"busy"`
	Runnable   *uint64 `json:"runnable,omitempty"`
	DelayMs    float64 `json:"delayMs"`
}

// stateWatch tells once in a while how the runtime stands, and what the scheduler did since the last time.
type stateWatch struct {
	clock   clock
	samples []metrics.Sample
	counts  []uint64
	at      time.Time
	cpu     time.Duration
}

func newStateWatch(clock clock) *stateWatch {
	watch := &stateWatch{clock: clock, at: time.Now(), cpu: cpuTime()}
	for _, name := range []string{heapUsed, mapped, returned, latencies, runnable} {
		watch.samples = append(watch.samples, metrics.Sample{Name: name})
	}
	return watch
}

func (w *stateWatch) line() heapLine {
	metrics.Read(w.samples)
	now, cpu := time.Now(), cpuTime()
	share := float64(cpu-w.cpu) / float64(now.Sub(w.at)) / float64(runtime.GOMAXPROCS(0))
	line := heapLine{
		E:          "heap",
		At:         w.clock.ms(now),
		UsedBytes:  w.samples[0].Value.Uint64(),
		TotalBytes: w.samples[1].Value.Uint64() - w.samples[2].Value.Uint64(),
		Busy:       math.Min(share, 1),
		DelayMs:    w.longestDelayMs(w.samples[3].Value.Float64Histogram()),
	}
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		line.LimitBytes = limit
	}
	if w.samples[4].Value.Kind() == metrics.KindUint64 {
		waiting := w.samples[4].Value.Uint64()
		line.Runnable = &waiting
	}
	w.at, w.cpu = now, cpu
	return line
}

// longestDelayMs is the longest time that a goroutine waited to be run since the last look. The runtime counts waits in
// buckets; the lower edge of the highest new one is certain.
func (w *stateWatch) longestDelayMs(waits *metrics.Float64Histogram) float64 {
	longest := 0.0
	for i, count := range waits.Counts {
		if w.counts != nil && count > w.counts[i] {
			longest = math.Max(0, waits.Buckets[i]) * 1000
		}
	}
	w.counts = append(w.counts[:0], waits.Counts...)
	return longest
}

// cpuTime is what all threads of the process have used so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func littleEndian(value float64) [8]byte {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], math.Float64bits(value))
	return bytes
}
