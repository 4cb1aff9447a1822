/** The lines between parent and child, and the file in which a child notes what it runs. */
@NullMarked
package dev.workerfarm.worker.link;

import org.jspecify.annotations.NullMarked;
