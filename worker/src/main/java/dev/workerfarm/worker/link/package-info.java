/** The lines between parent and child, and the file in which a child notes what it runs. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.link;
