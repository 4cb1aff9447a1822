/** Which addresses may be connected to. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.download.address;
