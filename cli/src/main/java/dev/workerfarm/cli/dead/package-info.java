/** The commands for dead letters. */
@NullMarked
package dev.workerfarm.cli.dead;

import org.jspecify.annotations.NullMarked;
