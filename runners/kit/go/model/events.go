package model

import (
	"bufio"
	"bytes"
	"io"
)

// A line of a stream is one piece of an answer; more than this is no answer.
const (
	firstLineBytes = 4 << 10
	mostLineBytes  = 16 << 20
)

// An event is one server-sent event: its name, empty by default, and its data.
type event struct {
	name string
	data []byte
}

// An eventReader takes server-sent events from a body that may be cut anywhere between two reads.
type eventReader struct {
	lines *bufio.Scanner
}

func newEventReader(body io.Reader) *eventReader {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, firstLineBytes), mostLineBytes)
	lines.Split(splitLines())
	return &eventReader{lines}
}

// next returns the next event that has data. The end of the body is io.EOF; an event that it cuts off is none.
func (r *eventReader) next() (event, error) {
	var next event
	hasData := false
	for r.lines.Scan() {
		line := r.lines.Bytes()
		if len(line) == 0 {
			if hasData {
				return next, nil
			}
			next = event{}
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			next.name = string(value)
		case "data":
			if hasData {
				next.data = append(next.data, '\n')
			}
			// The scanner's bytes are valid until its next line only.
			next.data = append(next.data, value...)
			hasData = true
		}
	}
	if err := r.lines.Err(); err != nil {
		return event{}, err
	}
	return event{}, io.EOF
}

// splitLines ends lines at LF, CR LF or CR. A CR ends its line at once, without waiting to see whether an LF follows.
func splitLines() bufio.SplitFunc {
	afterCR := false
	return func(data []byte, atEOF bool) (int, []byte, error) {
		skipped := 0
		if afterCR && len(data) > 0 {
			afterCR = false
			if data[0] == '\n' {
				skipped = 1
			}
		}
		end := bytes.IndexAny(data[skipped:], "\r\n")
		if end < 0 {
			if atEOF && len(data) > skipped {
				return len(data), data[skipped:], nil
			}
			return skipped, nil, nil
		}
		end += skipped
		afterCR = data[end] == '\r'
		return end + 1, data[skipped:end], nil
	}
}
