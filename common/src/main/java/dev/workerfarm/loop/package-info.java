/** Long-lived loops and scheduled jobs that cannot end without a word, and the pauses between attempts. */
@NullMarked
package dev.workerfarm.loop;

import org.jspecify.annotations.NullMarked;
