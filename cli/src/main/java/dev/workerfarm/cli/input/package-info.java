/** What commands read: numbers, lines, lists, types. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.input;
