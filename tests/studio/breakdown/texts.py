"""Texts in three languages and their expected scenes: action | at place | time | speaker> line | with who …"""

CASES = [
    (
        "Rain falls on the empty street. A cat hides under a bench.",
        "prose",
        ["Rain falls on the empty street. A cat hides under a bench."],
    ),
    ('"Run!" shouted Aya. The door burst open.', "prose", ["The door burst open. | Aya> Run! | with Aya"]),
    (
        'Tom whispered, "Do not look back." They walked on.',
        "prose",
        ["They walked on. | Tom> Do not look back. | with Tom"],
    ),
    (
        "In the old library, dust hung in the light. At midnight, a book fell.",
        "prose",
        [
            "In the old library, dust hung in the light. | at old library",
            "At midnight, a book fell. | at old library | night",
        ],
    ),
    ("She read the word “home” twice.", "prose", ["She read the word “home” twice."]),
    (
        "Mr. Ito opened the shop at dawn. Dr. Green waited outside.",
        "prose",
        ["Mr. Ito opened the shop at dawn. Dr. Green waited outside. | dawn"],
    ),
    (
        'The old man asked: "Where is the boat?"\n\nNobody answered.',
        "prose",
        ["Old man speaks. | old man> Where is the boat? | with old man", "Nobody answered."],
    ),
    (
        "The camera pans left over the sea. The ship pulls away. We zoom in on the flag.",
        "prose",
        ["The camera pans left over the sea. The ship pulls away. We zoom in on the flag. | camera pan_left"],
    ),
    (
        "@Mika and @Ren meet at the station. @Mika smiles.",
        "prose",
        ["@Mika and @Ren meet at the station. @Mika smiles. | with Mika, Ren"],
    ),
    (
        "Kenji ran. Kenji fell. Kenji laughed at the sky.",
        "prose",
        ["Kenji ran. Kenji fell. Kenji laughed at the sky. | with Kenji"],
    ),
    (
        "Anna: Are you there?\nBen (from the dark): Always.",
        "prose",
        ["Anna speaks. | Anna> Are you there? | with Anna", "Ben, from the dark | Ben> Always. | with Ben"],
    ),
    ("“Go!” @Mika said and ran.", "prose", ["@Mika ran. | Mika> Go! | with Mika"]),
    ("夕阳下@小美说：“走吧。”", "prose", ["夕阳下@小美 | sunset | 小美> 走吧。 | with 小美"]),
    ("“走吧。”@小美说。", "prose", ["小美在说话。 | 小美> 走吧。 | with 小美"]),
    ("「行こう」と@ミカは言った。", "prose", ["ミカが話す。 | ミカ> 行こう | with ミカ"]),
    (
        "@小美：“走吧！”\n@阿强：等等。",
        "prose",
        ["小美在说话。 | 小美> 走吧！ | with 小美", "阿强在说话。 | 阿强> 等等。 | with 阿强"],
    ),
    ("清晨，雾气笼罩着湖面。一只白鹭飞起。", "prose", ["清晨，雾气笼罩着湖面。一只白鹭飞起。 | dawn"]),
    ("小明喊道：“快跑！”大家冲向门口。", "prose", ["大家冲向门口。 | 小明> 快跑！ | with 小明"]),
    ("“你去哪里？”老王问。", "prose", ["老王在说话。 | 老王> 你去哪里？ | with 老王"]),
    (
        "在图书馆里，小兰翻开一本旧书。深夜，灯忽然灭了。",
        "prose",
        ["在图书馆里，小兰翻开一本旧书。 | at 图书馆", "深夜，灯忽然灭了。 | at 图书馆 | night"],
    ),
    (
        "阿花：等等我！\n阿强（回头）：来不及了。",
        "prose",
        ["阿花在说话。 | 阿花> 等等我！ | with 阿花", "阿强，回头 | 阿强> 来不及了。 | with 阿强"],
    ),
    ("「別走。」她輕聲說。雨下個不停。", "prose", ["雨下個不停。 | > 別走。"]),
    ("夕阳下，小鱼在海边跑。小鱼在笑。", "prose", ["夕阳下，小鱼在海边跑。小鱼在笑。 | sunset | with 小鱼"]),
    (
        "@小美走进来。雨还在下。@小美笑了。",
        "prose",
        ["@小美走进来。雨还在下。@小美笑了。 | with 小美"],
    ),
    (
        "夕阳下@林夏默默等着。@林夏看见了@阿强。",
        "prose",
        ["夕阳下@林夏默默等着。@林夏看见了@阿强。 | sunset | with 林夏, 阿强"],
    ),
    ("他看着“回家”两个字发呆。", "prose", ["他看着“回家”两个字发呆。"]),
    (
        "朝、ハルカは駅に走った。「待って！」とハルカは叫んだ。",
        "prose",
        ["朝、ハルカは駅に走った。 | day | ハルカ> 待って！ | with ハルカ"],
    ),
    ("雨が降っている。猫がベンチの下に隠れる。", "prose", ["雨が降っている。猫がベンチの下に隠れる。"]),
    (
        "海辺で@小米が待つ。@ミカは笑った。",
        "prose",
        ["海辺で@小米が待つ。@ミカは笑った。 | at 海辺 | with 小米, ミカ"],
    ),
    ("「もう遅い」先生は静かに言った。", "prose", ["先生が話す。 | 先生> もう遅い | with 先生"]),
    (
        "ユキ「行こう」\n\nケン「うん」",
        "prose",
        ["ユキが話す。 | ユキ> 行こう | with ユキ", "ケンが話す。 | ケン> うん | with ケン"],
    ),
    (
        "真夜中の図書館で、本が一冊落ちた。",
        "idea",
        [
            "遠くに見える図書館、夜。 | at 図書館 | night | camera pan_right",
            "真夜中の図書館で、本が一冊落ちた。図書館を近くから見る。 | at 図書館 | night | camera push",
            "夜、図書館に雨が降り、風が吹く。 | at 図書館 | night | camera still",
            "図書館の雲が晴れ、流れ星が空を横切る。 | at 図書館 | night | camera tilt_up",
            "図書館に日の出。図書館が小さく遠くなる。 | at 図書館 | dawn | camera pull",
        ],
    ),
    (
        "夕焼けの海。カメラが寄る。ソラが手を振る。ソラは笑った。",
        "prose",
        ["夕焼けの海。カメラが寄る。ソラが手を振る。ソラは笑った。 | sunset | with ソラ | camera push"],
    ),
    (
        "INT. KITCHEN - NIGHT\n\nA kettle boils.\n\nANNA\nTea?\n\nBEN (O.S.)\nNo.",
        "fountain",
        [
            "A kettle boils. | at Kitchen | night | Anna> Tea? | with Anna",
            "Ben speaks. | at Kitchen | night | Ben> No. | with Ben",
        ],
    ),
    (
        "EXT. ROAD — DAWN\n\nA bus.\n\nFADE TO BLACK.\n\nINT. BUS - CONTINUOUS\n\nSleepers.",
        "fountain",
        ["A bus. | at Road | dawn | then fade_black", "Sleepers. | at Bus | dawn"],
    ),
    (
        ".FLASHBACK - DAY\n\n!SHOUTING WORDS\n\n> THE END <",
        "fountain",
        ["SHOUTING WORDS | at Flashback | day", "THE END | at Flashback | day"],
    ),
    (
        "INT./EXT. CAR - SUNSET #12#\n\nThey drive. /* not this */ Fast.",
        "fountain",
        ["They drive. Fast. | at Car | sunset"],
    ),
    (
        "# Act One\n\n= They meet.\n\nEXT. PARK - DAY\n\n@van Gogh\n(smiling)\nHello, *stars*.",
        "fountain",
        ["van Gogh, smiling | at Park | day | van Gogh> Hello, stars. | with van Gogh | note They meet."],
    ),
    ("Title: **Tea**\nAuthor: me\n\nINT. ROOM - DAY\n\nNothing.", "fountain", ["Nothing. | at Room | day"]),
    (
        "1. 内景 厨房 夜\n\n水开了。\n\n@小兰\n喝茶吗？\n\n切至：\n\n2. 外景 街道 日\n\n人来人往。",
        "fountain",
        ["水开了。 | at 厨房 | night | 小兰> 喝茶吗？ | with 小兰 | then cut", "人来人往。 | at 街道 | day"],
    ),
    ("日 外 学校门口\n\n学生们走出来。", "fountain", ["学生们走出来。 | at 学校门口 | day"]),
    (
        "外景。海边 - 黄昏\n\n海浪拍岸。\n\n@阿海\n（望着海）\n再见。",
        "fountain",
        ["海浪拍岸。（望着海） | at 海边 | sunset | 阿海> 再见。 | with 阿海"],
    ),
    ("○ INT. 教室 - 夕方\n\n誰もいない。", "fountain", ["誰もいない。 | at 教室 | sunset"]),
    (
        "# Night Bus\n\n## The stop (night)\n\nA girl waits.\n\n## The bus\n\n- Doors open\n- She steps in",
        "markdown",
        ["A girl waits. | at The stop | night", "Doors open | at The bus", "She steps in | at The bus"],
    ),
    (
        "## 场景一：码头，黄昏\n\n小海坐着。\n\n- 台词：船来了。\n- 时长：6\n\n## 场景二：灯塔，夜\n\n灯亮了。",
        "markdown",
        ["小海坐着。 | at 码头 | sunset | > 船来了。", "灯亮了。 | at 灯塔 | night"],
    ),
    (
        "# 灯台\n\n## 登場人物\n- ミナ：短い髪の少女\n\n## 港\nミナが歩く。",
        "markdown",
        ["ミナが歩く。 | at 港 | with ミナ"],
    ),
    (
        "| Shot | Action | Dialogue |\n|---|---|---|\n| wide | A field | |\n| zoom in | A face | “Hello” |",
        "markdown",
        ["A field", "A face | > Hello | camera push"],
    ),
    ("1. A door opens\n2. A hand appears\n3. It waves", "markdown", ["A door opens", "A hand appears", "It waves"]),
    (
        "---\ntitle: Sea\n---\n\n**Bold** waves [crash](http://x) on `rocks`.",
        "markdown",
        ["Bold waves crash on rocks."],
    ),
    ("place,action\nSea,Waves crash\nHill,", "csv", ["Waves crash | at Sea", "Hill | at Hill"]),
    (
        "Time;Scene description;Speaker;Line\nNight;A lamp;Tom;Good night\nsame;Dark;;",
        "csv",
        ["A lamp | night | Tom> Good night | with Tom", "Dark | night"],
    ),
    (
        "场景,动作,台词,角色,时长\n学校,小明跑步,加油,小明、小红,8秒\n操场,下雨,,,",
        "csv",
        ["小明跑步 | at 学校 | > 加油 | with 小明, 小红", "下雨 | at 操场"],
    ),
    ("場所\tアクション\tセリフ\n駅\t電車が来る\tさようなら", "csv", ["電車が来る | at 駅 | > さようなら"]),
    (
        "no,画面内容,运镜\n1,城市夜景,推近\n2,海边日出,固定",
        "csv",
        ["城市夜景 | camera push", "海边日出 | camera still"],
    ),
    (
        "A robot learns to paint",
        "idea",
        [
            "The small town, seen from afar. A robot stands in the small town."
            " | at Small town | day | with Robot | camera pan_right",
            "A robot learns to paint. The robot smiles: today it has to work."
            " | at Small town | day | with Robot | camera push",
            "The night is long and cold. The robot sits in the small town, sad and tired."
            " | at Small town | night | with Robot | camera still",
            "A shooting star crosses the sky. The robot looks up in the small town."
            " | at Small town | night | with Robot | camera tilt_up",
            "Morning light over the small town. The robot waves in the small town, happy."
            " | at Small town | dawn | with Robot | camera pull",
        ],
    ),
    (
        "一个机器人学画画",
        "idea",
        [
            "远远望去，是山坡。一个机器人站在山坡上。 | at 山坡 | day | with 机器人 | camera pan_right",
            "一个机器人学画画。机器人微笑着：今天一定要成功。 | at 山坡 | day | with 机器人 | camera push",
            "忽然，山坡上的一切都乱了。机器人愣住了，很惊讶。 | at 山坡 | night | with 机器人 | camera still",
            "一颗流星划过天空。机器人在山坡上抬头。 | at 山坡 | night | with 机器人 | camera tilt_up",
            "山坡日出。机器人坐在山坡上，微笑着。 | at 山坡 | dawn | with 机器人 | camera pull",
        ],
    ),
    (
        "ロボットが絵を習う",
        "idea",
        [
            "遠景。丘。ロボットが丘に立っている。 | at 丘 | day | with ロボット | camera pan_right",
            "ロボットが絵を習う。ロボットは希望に満ちて見上げる。 | at 丘 | day | with ロボット | camera push",
            "夜は長く寒い。ロボットは丘に座り、悲しそうだ。 | at 丘 | night | with ロボット | camera still",
            "丘に暖かい光。ロボットが見上げて驚く。 | at 丘 | night | with ロボット | camera tilt_up",
            "丘に日の出。ロボットが丘に座り、微笑む。 | at 丘 | dawn | with ロボット | camera pull",
        ],
    ),
]
