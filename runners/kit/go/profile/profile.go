// Package profile lets the Go runtime sample its own stacks for whoever asked by DERBY_PROFILE, a file that is filled when the
// process ends in order. It knows nothing of sessions, and gives up silently: a profile that is missing is seen by who asked.
package profile

import (
	"os"
	"runtime/pprof"
)

// Start begins to sample if DERBY_PROFILE is set. What it returns writes the profile and is to be called before the process ends.
func Start() func() {
	path := os.Getenv("DERBY_PROFILE")
	if path == "" {
		return func() {}
	}
	file, err := os.Create(path)
	if err != nil {
		return func() {}
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		file.Close()
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		file.Close()
	}
}
