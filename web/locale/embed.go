// Package locale holds the catalogues of the interface: <lang>/<area>.json,
// flat maps from "area.key" to text with {name} placeholders.
package locale

import "embed"

// FS is the tree of catalogues, rooted at this folder.
//
//go:embed it/*.json en/*.json
var FS embed.FS
