/** Dead letters, as they are written and as they are read. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.wire.letter;
