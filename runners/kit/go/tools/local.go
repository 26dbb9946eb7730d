package tools

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// The local tools that compute: work that the runner does itself, with results that anybody can check. All arithmetic is
// unsigned 32 bit, as the contract says; runners/vectors.json holds known answers.

const (
	smallObjectBytes = 64
	// mostItems keeps a slice of them within what Go can make: asked for more, it would panic.
	mostItems   = 1 << 31
	safeInteger = 1<<53 - 1
)

// fnv1a is FNV-1a-32 over the UTF-8 bytes of a text.
func fnv1a(text string) uint32 {
	hash := fnv.New32a()
	hash.Write([]byte(text))
	return hash.Sum32()
}

// start of a stream of numbers from a seed.
func start(seed int) uint32 {
	return fnv1a(strconv.Itoa(seed)) | 1
}

// next is xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
func next(x uint32) uint32 {
	x ^= x << 13
	x ^= x >> 17
	return x ^ x<<5
}

// integer takes an integer argument of at least `least`.
func (args arguments) integer(name string, least int) (int, error) {
	value, isNumber := args[name].(float64)
	if !isNumber || value != math.Trunc(value) || value < float64(least) || value > safeInteger {
		return 0, fmt.Errorf("%q must be an integer from %d, not %v", name, least, args[name])
	}
	return int(value), nil
}

// seeded takes the two arguments that most tools have: a seed and an amount.
func (args arguments) seeded(amount string) (seed, count int, err error) {
	if seed, err = args.integer("seed", 0); err != nil {
		return 0, 0, err
	}
	count, err = args.integer(amount, 0)
	return seed, count, err
}

// burnCPU burns processor time: the last number.
func burnCPU(args arguments) (string, error) {
	seed, rounds, err := args.seeded("rounds")
	if err != nil {
		return "", err
	}
	x := start(seed)
	for i := 0; i < rounds; i++ {
		x = next(x)*1664525 + 1013904223
	}
	return fmt.Sprintf("%08x", x), nil
}

// A smallObject has a text of its own, as long-lived contexts consist of.
type smallObject struct {
	number uint32
	text   string
}

func newSmallObject(first uint32, i int) *smallObject {
	number := first + uint32(i)
	return &smallObject{number, strconv.FormatUint(uint64(number), 10)}
}

// Memory is where hold_memory keeps its objects: beside the live session, never persisted.
type Memory struct {
	mu      sync.Mutex
	objects []*smallObject
}

// Held says whether anything is kept.
func (m *Memory) Held() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.objects) > 0
}

// hold keeps ⌊bytes / 64⌋ small objects instead of those held before.
func (m *Memory) hold(args arguments) (string, error) {
	seed, bytes, err := args.seeded("bytes")
	if err != nil {
		return "", err
	}
	count := bytes / smallObjectBytes
	if count > mostItems {
		return "", errors.New("no machine holds that many bytes")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// The old objects go first, or a session that changes what it holds would need the memory twice.
	m.objects = nil
	first := start(seed)
	objects := make([]*smallObject, count)
	for i := range objects {
		objects[i] = newSmallObject(first, i)
	}
	m.objects = objects
	return fmt.Sprintf("held_%d", count), nil
}

// churnMemory allocates ⌊bytes / 64⌋ small objects and drops them.
func churnMemory(args arguments) (string, error) {
	seed, bytes, err := args.seeded("bytes")
	if err != nil {
		return "", err
	}
	first := start(seed)
	count := bytes / smallObjectBytes
	// Each object is stored for a moment, since a compiler may leave out one that nothing can see.
	var recent [64]*smallObject
	var xor uint32
	for i := 0; i < count; i++ {
		made := newSmallObject(first, i)
		recent[i%len(recent)] = made
		xor ^= made.number
	}
	runtime.KeepAlive(&recent)
	return fmt.Sprintf("churned_%d_%08x", count, fnv1a(strconv.FormatUint(uint64(xor), 10))), nil
}

// searchMemory compares a query with every vector of a matrix: the indices of the best first, then the hash of their scores.
func searchMemory(args arguments) (string, error) {
	var sizes [4]int
	for i, name := range [...]string{"seed", "vectors", "dimensions", "top"} {
		least := 1
		if name == "seed" {
			least = 0
		}
		size, err := args.integer(name, least)
		if err != nil {
			return "", err
		}
		sizes[i] = size
	}
	seed, vectors, dimensions, top := sizes[0], sizes[1], sizes[2], sizes[3]
	if vectors > mostItems/dimensions {
		return "", errors.New("no machine holds that many vectors")
	}
	query := components(start(seed), dimensions)
	matrix := matrices.get(vectors, dimensions)
	scores := make([]uint32, vectors)
	for row := range scores {
		vector := matrix[row*dimensions:][:dimensions]
		var score uint32
		for column, component := range query {
			score += uint32(component) * uint32(vector[column])
		}
		scores[row] = score
	}
	if top > vectors {
		top = vectors
	}
	var indices, found []string
	for _, row := range bestRows(scores, top) {
		indices = append(indices, strconv.Itoa(row))
		found = append(found, strconv.FormatUint(uint64(scores[row]), 10))
	}
	return fmt.Sprintf("%s_%08x", strings.Join(indices, "_"), fnv1a(strings.Join(found, ","))), nil
}

func components(seed uint32, count int) []uint8 {
	made := make([]uint8, count)
	x := seed
	for i := range made {
		x = next(x)
		made[i] = uint8(x >> 24 & 15)
	}
	return made
}

// bestRows are the indices of the `count` highest scores, highest first, ties by lower index.
func bestRows(scores []uint32, count int) []int {
	var best []int
	for row, score := range scores {
		if len(best) == count && score <= scores[best[count-1]] {
			continue
		}
		place := len(best)
		for place > 0 && scores[best[place-1]] < score {
			place--
		}
		if len(best) < count {
			best = append(best, 0)
		}
		copy(best[place+1:], best[place:])
		best[place] = row
	}
	return best
}

// matricesKept: matrices depend on their size only. The few newest are kept, as an agent keeps its index; more would be a leak.
const matricesKept = 4

type matrixCache struct {
	mu     sync.Mutex
	newest []*matrix
}

type matrix struct {
	vectors, dimensions int
	make                sync.Once
	components          []uint8
}

var matrices matrixCache

// get makes a matrix once, however many sessions ask for it at the same time.
func (c *matrixCache) get(vectors, dimensions int) []uint8 {
	found := c.find(vectors, dimensions)
	found.make.Do(func() { found.components = components(start(dimensions), vectors*dimensions) })
	return found.components
}

func (c *matrixCache) find(vectors, dimensions int) *matrix {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range c.newest {
		if known.vectors == vectors && known.dimensions == dimensions {
			return known
		}
	}
	made := &matrix{vectors: vectors, dimensions: dimensions}
	if c.newest = append(c.newest, made); len(c.newest) > matricesKept {
		c.newest = append([]*matrix(nil), c.newest[1:]...)
	}
	return made
}
