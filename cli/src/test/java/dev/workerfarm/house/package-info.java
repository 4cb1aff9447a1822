/** The modules and the rooms, held by a test. */
@NullMarked
package dev.workerfarm.house;

import org.jspecify.annotations.NullMarked;
