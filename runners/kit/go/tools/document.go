package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"strings"
)

// parseDocument parses a JSON document, validates it and digests it: `<count>_<hash>`.
//
// The document is parsed into maps, not into structs: encoding/json takes "ID" for a struct's "id" and null for a zero.
func parseDocument(args arguments) (string, error) {
	text, isText := args["document"].(string)
	if !isText {
		if args["document"] != nil {
			return "", errors.New(`"document" must be a string of JSON`)
		}
		seed, kilobytes, err := args.seeded("kilobytes")
		if err != nil {
			return "", err
		}
		text = generateDocument(seed, kilobytes)
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return "", err
	}
	records, isArray := document["records"].([]any)
	if !isArray {
		return "", errors.New(`the document must have an array "records"`)
	}
	hash := fnv.New32a()
	for _, record := range records {
		digest, err := digestOf(record)
		if err != nil {
			return "", err
		}
		io.WriteString(hash, digest)
	}
	return fmt.Sprintf("%d_%08x", len(records), hash.Sum32()), nil
}

func digestOf(value any) (string, error) {
	record, isObject := value.(map[string]any)
	if !isObject {
		return "", errors.New("each record must be an object")
	}
	id, err := documentNumber(record["id"])
	if err != nil {
		return "", fmt.Errorf(`"id": %w`, err)
	}
	name, isText := record["name"].(string)
	if !isText {
		return "", errors.New(`each record must have a string "name"`)
	}
	tags, areArray := record["tags"].([]any)
	if !areArray {
		return "", errors.New(`"tags" must be strings`)
	}
	values, areValues := record["values"].([]any)
	if !areValues {
		return "", errors.New(`"values" must be integers`)
	}
	digest := fmt.Appendf(nil, "%d:%s:", id, name)
	for i, tag := range tags {
		text, isText := tag.(string)
		if !isText {
			return "", errors.New(`"tags" must be strings`)
		}
		digest = append(append(digest, comma(i)...), text...)
	}
	digest = append(digest, ':')
	for i, value := range values {
		number, err := documentNumber(value)
		if err != nil {
			return "", fmt.Errorf(`"values": %w`, err)
		}
		digest = fmt.Appendf(append(digest, comma(i)...), "%d", number)
	}
	return string(append(digest, ';')), nil
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// documentNumber is an integer from 0 below 2^31.
func documentNumber(value any) (uint32, error) {
	number, isNumber := value.(float64)
	if !isNumber || number != math.Trunc(number) || number < 0 || number >= 1<<31 {
		return 0, fmt.Errorf("%v is no integer from 0 below 2^31", value)
	}
	return uint32(number), nil
}

// generateDocument makes a document from a seed, without white space, at least `kilobytes` × 1024 bytes long.
func generateDocument(seed, kilobytes int) string {
	const tail = "]}"
	var text strings.Builder
	text.WriteString(`{"records":[`)
	x := start(seed)
	draw := func() uint32 {
		x = next(x)
		return x
	}
	for id := 0; text.Len()+len(tail) < kilobytes*1024; id++ {
		a, b, c, d, e, f := draw(), draw(), draw(), draw(), draw(), draw()
		fmt.Fprintf(&text, `%s{"id":%d,"name":"w%d","tags":["t%d","t%d"],"values":[%d,%d,%d,%d]}`,
			comma(id), id, a%1000, b%50, c%50, d>>1, e>>1, f>>1, a>>1)
	}
	text.WriteString(tail)
	return text.String()
}
