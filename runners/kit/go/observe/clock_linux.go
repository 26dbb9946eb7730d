package observe

import (
	"syscall"
	"time"
	"unsafe"
)

const clockMonotonic = 1

// monotonic is CLOCK_MONOTONIC, the clock that all processes share. Package time reads the same one but counts from an
// instant of its own.
func monotonic() (time.Duration, bool) {
	var now syscall.Timespec
	_, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano()), failed == 0
}
