package diagram

import (
	"strings"
	"unicode"
)

// The drawing's text, in SVG units.
const (
	fontSize   = 16
	lineHeight = 20
)

// advance is how far the letters move on in a bold Arial or Helvetica, in
// thousandths of the size (Adobe's metrics of Helvetica-Bold). The face of the
// pages, Titillium Web, is narrower, and so is every regular weight: a text that
// fits by this table fits.
var advance = map[rune]int{}

func init() {
	for width, letters := range map[int]string{
		278: " ,./\\IijlI’‘", 238: "'", 333: "!()-:;ft`", 389: "r*", 474: "\"", 500: "z“”", 556: "#$0123456789Jaceksvxy«»_–",
		611: "FLTZbdghnopqu?", 584: "+<>=", 667: "EPSVXY", 722: "ABCDHKNRU&", 778: "GOQw", 833: "M", 889: "m%", 944: "W",
	} {
		for _, r := range letters {
			advance[r] = width
		}
	}
}

// unaccented are the letters below the accents of the languages we write.
var unaccented = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ä", "a", "è", "e", "é", "e", "ê", "e", "ë", "e", "ì", "i", "í", "i", "î", "i", "ï", "i",
	"ò", "o", "ó", "o", "ô", "o", "ö", "o", "ù", "u", "ú", "u", "û", "u", "ü", "u", "ç", "c", "ñ", "n",
	"À", "A", "È", "E", "É", "E", "Ì", "I", "Ò", "O", "Ù", "U", "Ä", "A", "Ö", "O", "Ü", "U",
)

// measure is the most that a text takes on one line, in SVG units.
func measure(s string) int {
	sum := 0
	for _, r := range unaccented.Replace(s) {
		width, ok := advance[r]
		switch {
		case ok:
			sum += width
		case unicode.Is(unicode.Mn, r):
		default:
			sum += 1000
		}
	}
	return (sum*fontSize + 999) / 1000
}

// wrap breaks a text into lines that fit a width; a word that is longer than a
// line is broken within. There is at least one line.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && measure(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; measure(line) > width; {
			head := split(line, width)
			lines, line = append(lines, line[:head]), line[head:]
		}
	}
	return append(lines, line)
}

// split is where to break a word so that its head fits: at least one letter, so
// that it ends.
func split(word string, width int) int {
	last := 0
	for at := range word {
		if at > 0 && measure(word[:at]) > width {
			break
		}
		last = at
	}
	if last == 0 {
		last = len(string([]rune(word)[:1]))
	}
	return last
}
