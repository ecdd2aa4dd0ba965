// Verifies a log with Go's own checksum-database packages, golang.org/x/mod/sumdb/note and tlog, and nothing of ours.
//
//	verifier FOLDER VKEY < samples
//
// The whole log first: every tile against the signed head, every entry of every bundle against its tile. Then one
// line for each line of JSON that is read: "accepted", or "rejected" and why.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8
const width = 1 << height

// A sample is an entry with its proof, a growth from an old head, or a log in which one file was changed.
type sample struct {
	Kind       string
	Checkpoint string
	Index, Old int64
	OldRoot    []byte
	Path       [][]byte
	Leaf       []byte
	File       string
	At         int
	Xor        byte
	Keep       int
	More       []byte
}

// A changed file of the log, if any.
type change struct {
	file string
	data []byte
}

type store struct {
	folder  string
	changed *change
}

func (s store) read(file string) ([]byte, error) {
	if s.changed != nil && s.changed.file == file {
		return s.changed.data, nil
	}
	return os.ReadFile(filepath.Join(s.folder, file))
}

func (s store) Height() int                              { return height }
func (s store) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}
func (s store) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// Go writes the height into the path, C2SP's layout does not.
		data, err := s.read(strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func opened(checkpoint, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	n, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	origin, rest, found := strings.Cut(n.Text, "\n")
	if !found || origin != verifier.Name() || strings.Count(rest, "\n") != 2 {
		return tlog.Tree{}, errors.New("the head has not the form or the name of this log")
	}
	// tlog's own parser, which knows one log by its first line.
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

// entries are the leaves of a bundle of so many.
func entries(bundle []byte, count int) ([][]byte, error) {
	var leaves [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return nil, errors.New("the bundle is cut off")
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		leaves = append(leaves, bundle[2:end])
		bundle = bundle[end:]
	}
	if len(leaves) != count {
		return nil, fmt.Errorf("the bundle has %d entries, not %d", len(leaves), count)
	}
	return leaves, nil
}

// bundle checks all entries of one bundle against the signed head.
func (s store) bundle(tree tlog.Tree, number int64) error {
	tile := tlog.Tile{H: height, L: 0, N: number, W: width}
	if left := tree.N - number*width; left < width {
		tile.W = int(left)
	}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	data, err := s.read(path)
	if err != nil {
		return err
	}
	leaves, err := entries(data, tile.W)
	if err != nil {
		return err
	}
	var indexes []int64
	for i := range leaves {
		indexes = append(indexes, tlog.StoredHashIndex(0, number*width+int64(i)))
	}
	reader := tlog.TileHashReader(tree, s)
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i, leaf := range leaves {
		if tlog.RecordHash(leaf) != hashes[i] {
			return fmt.Errorf("entry %d is not in the log", number*width+int64(i))
		}
	}
	// The reader of version 0.7.0, which Debian has, leaves tiles unchecked where several of the subtrees that make up the
	// root lie in one tile. A proof of one entry goes over every hash of every tile above it.
	proof, err := tlog.ProveRecord(tree.N, number*width, reader)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, number*width, tlog.RecordHash(leaves[0]))
}

func (s store) whole(vkey string) (int64, error) {
	checkpoint, err := s.read("checkpoint")
	if err != nil {
		return 0, err
	}
	tree, err := opened(string(checkpoint), vkey)
	if err != nil {
		return 0, err
	}
	for number := int64(0); number*width < tree.N; number++ {
		if err := s.bundle(tree, number); err != nil {
			return 0, err
		}
	}
	return tree.N, nil
}

func hashes(path [][]byte) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, one := range path {
		if len(one) != tlog.HashSize {
			return nil, errors.New("a hash has not 32 bytes")
		}
		var hash tlog.Hash
		copy(hash[:], one)
		all = append(all, hash)
	}
	return all, nil
}

func (s store) changedBy(one sample) (store, error) {
	data, err := s.read(one.File)
	if err != nil {
		return s, err
	}
	data = append([]byte{}, data[:one.Keep]...)
	if one.At < len(data) {
		data[one.At] ^= one.Xor
	}
	return store{s.folder, &change{one.File, append(data, one.More...)}}, nil
}

func check(log store, vkey string, one sample) error {
	if one.Kind == "file" {
		changed, err := log.changedBy(one)
		if err != nil {
			return err
		}
		checkpoint, err := changed.read("checkpoint")
		if err != nil {
			return err
		}
		tree, err := opened(string(checkpoint), vkey)
		if err != nil {
			return err
		}
		return changed.bundle(tree, one.Index/width)
	}
	tree, err := opened(one.Checkpoint, vkey)
	if err != nil {
		return err
	}
	path, err := hashes(one.Path)
	if err != nil {
		return err
	}
	if one.Kind == "entry" {
		return tlog.CheckRecord(path, tree.N, tree.Hash, one.Index, tlog.RecordHash(one.Leaf))
	}
	old, err := hashes([][]byte{one.OldRoot})
	if err != nil {
		return err
	}
	return tlog.CheckTree(path, tree.N, tree.Hash, one.Old, old[0])
}

func main() {
	log, vkey := store{folder: os.Args[1]}, os.Args[2]
	size, err := log.whole(vkey)
	if err != nil {
		fmt.Println("rejected", err)
		os.Exit(1)
	}
	fmt.Println("accepted", size)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one sample
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		if err := check(log, vkey, one); err != nil {
			fmt.Println("rejected", base64.StdEncoding.EncodeToString([]byte(err.Error())))
		} else {
			fmt.Println("accepted")
		}
	}
}
