/** Which addresses may be connected to. */
@NullMarked
package dev.workerfarm.worker.download.address;

import org.jspecify.annotations.NullMarked;
