/** The commands for shared values and arrays. */
@NullMarked
package dev.workerfarm.cli.shared;

import org.jspecify.annotations.NullMarked;
