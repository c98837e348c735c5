package scenario

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"arengo/workflow/strict"
)

// Stratum is a part of the population. Rate is the share of those invited who
// answer in the end, 0 for the usual one.
type Stratum struct {
	Name   string  `json:"name"`
	People int     `json:"people"`
	Rate   float64 `json:"rate"`
}

// MaxPeople bounds the population of a rehearsal.
const MaxPeople = 200_000

// UsualRate is the share of those invited who answer when nobody says otherwise.
const UsualRate = 0.3

// ParsePopulation reads lines "stratum,people" or "stratum,people,rate" under
// such a header; semicolons will do, too. Every problem comes with its line.
func ParsePopulation(file string, source []byte) ([]Stratum, strict.Problems) {
	p := &populationReader{Reader: strict.New(file)}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	lines := csv.NewReader(bytes.NewReader(source))
	if first, _, _ := bytes.Cut(source, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		lines.Comma = ';'
	}
	lines.FieldsPerRecord, lines.TrimLeadingSpace = -1, true
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			at := 1
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				at = bad.Line
			}
			p.Bad(at, "the line is not valid CSV")
			break
		}
		line, _ := lines.FieldPos(0)
		if p.width > 0 {
			p.line(line, cells)
		} else if p.width = width(cells); p.width == 0 {
			break // what comes below an unknown line would only be said to be wrong as well
		}
	}
	if p.width == 0 && len(p.Problems()) == 0 {
		p.Bad(1, "the population must begin with the line stratum,people or stratum,people,rate")
	} else if len(p.out) == 0 && len(p.Problems()) == 0 {
		p.Bad(1, "the population has no stratum")
	}
	return p.out, p.Problems()
}

type populationReader struct {
	*strict.Reader
	width  int // columns of the header
	people int
	out    []Stratum
}

// width counts the columns of the first line, 0 for one that is no header.
func width(cells []string) int {
	for i := range cells {
		cells[i] = strings.ToLower(strings.TrimSpace(cells[i]))
	}
	if head := strings.Join(cells, ","); head != "stratum,people" && head != "stratum,people,rate" {
		return 0
	}
	return len(cells)
}

func (p *populationReader) line(line int, cells []string) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if len(cells) != p.width {
		p.Bad(line, "the line has %d columns, the first one has %d", len(cells), p.width)
		return
	}
	s := Stratum{Name: cells[0]}
	if s.Name == "" {
		p.Bad(line, "the stratum has no name")
	}
	for _, other := range p.out {
		if other.Name == s.Name {
			p.Bad(line, "the stratum %q is written twice", s.Name)
		}
	}
	var err error
	if s.People, err = strconv.Atoi(cells[1]); err != nil || s.People < 0 || p.people+s.People > MaxPeople {
		p.Bad(line, "people must be a whole number, at most %d in all", MaxPeople)
		s.People = 0
	}
	p.people += s.People
	if p.width == 3 && cells[2] != "" {
		if s.Rate, err = parseShare(cells[2]); err != nil {
			p.Bad(line, "%s: %q is no share: write it from 0 to 1, such as 0.35", strict.Plain("rate"), cells[2])
		}
	}
	p.out = append(p.out, s)
}

func parseShare(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || v < 0 || v > 1 || v != v {
		return 0, fmt.Errorf("%q is no share", text)
	}
	return v, nil
}
