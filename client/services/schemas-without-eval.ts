import { z } from 'zod';

// The content security policy forbids `eval`, which zod tries when the first schema is made. So
// this comes before every module that makes one.
z.config({ jitless: true });
