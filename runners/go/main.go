// The `go` runner: one Go process, a goroutine per session, everything in memory.
package main

import (
	"log"
	"os"
	"runtime"

	"agentderby/kit/front"
	"agentderby/kit/observe"
	"agentderby/kit/profile"
)

func main() {
	observe.Start()
	defer profile.Start()()
	server := front.Front{
		Runtime: "go",
		Version: runtime.Version(),
		Agent:   newSessions(os.Getenv("RECOVER") == "1"),
	}
	if err := server.Serve(); err != nil {
		log.Fatal(err)
	}
}
