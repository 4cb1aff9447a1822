/** The modules and the rooms, held by a test. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.house;
