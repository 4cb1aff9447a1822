/** How the farm's own programs log, where Logback is the one that writes. */
@NullMarked
package dev.workerfarm.log;

import org.jspecify.annotations.NullMarked;
