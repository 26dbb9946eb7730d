// Package outbound is the way out to model and tools: one pool of connections for the whole process, and bodies in plain JSON.
package outbound

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// idlePerHost replaces net/http's default of 2: with more streams than that to one model, every request but two would open a
// connection of its own and close it again.
const idlePerHost = 4096

// Client keeps its connections alive and opens as many as there are parallel streams. It has no timeout of its own, since a
// stream may take as long as it brings bytes.
var Client = &http.Client{Transport: transport()}

func transport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = idlePerHost
	return transport
}

// JSON encodes without the escapes for HTML that encoding/json adds by default.
func JSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
