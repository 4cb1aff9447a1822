/** The commands for dead letters. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.dead;
