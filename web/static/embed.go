// Package static holds the built assets that the pages ask for: style sheets,
// the one script, the icon sprite, fonts and the logo. build/ says how they are
// made; Node is not needed to build or run the program.
package static

import "embed"

// FS is the tree of assets, rooted at this folder.
//
//go:embed css js svg fonts
var FS embed.FS
