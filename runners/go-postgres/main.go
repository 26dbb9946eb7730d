// The `go-postgres` runner: a goroutine per live session, every change committed to Postgres before anybody sees it.
package main

import (
	"context"
	"log"
	"os"
	"runtime"
	"time"

	"agentderby/kit/front"
	"agentderby/kit/observe"
	"agentderby/kit/profile"
)

func main() {
	observe.Start()
	defer profile.Start()()
	replica := os.Getenv("REPLICA")
	if replica == "" {
		replica = "0"
	}
	store, err := newStore(os.Getenv("DATABASE_URL"), "replica-"+replica)
	if err != nil {
		log.Fatal(err)
	}
	objects := newObjects(store, os.Getenv("RECOVER") == "1", idleFromEnvironment())
	go objects.resume(context.Background())
	server := front.Front{Runtime: "go-postgres", Version: runtime.Version(), Agent: objects}
	if err := server.Serve(); err != nil {
		log.Fatal(err)
	}
}

// idleFromEnvironment is how long a session stays in memory without anything happening: 60 s, or IDLE_EVICTION ("5s").
func idleFromEnvironment() time.Duration {
	text, set := os.LookupEnv("IDLE_EVICTION")
	if !set {
		return time.Minute
	}
	idle, err := time.ParseDuration(text)
	if err != nil {
		log.Fatalf("IDLE_EVICTION: %v", err)
	}
	return idle
}
