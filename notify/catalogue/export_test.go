package catalogue

import "io/fs"

// Check reads a catalogue from elsewhere and gives its mistakes.
func Check(from fs.FS) error {
	_, err := readAll(from)
	return err
}

// Files is the embedded catalogue.
func Files() fs.FS { return files }
