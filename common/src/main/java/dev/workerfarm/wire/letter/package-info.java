/** Dead letters, as they are written and as they are read. */
@NullMarked
package dev.workerfarm.wire.letter;

import org.jspecify.annotations.NullMarked;
