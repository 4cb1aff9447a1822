/** What commands print, and how they end. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.output;
